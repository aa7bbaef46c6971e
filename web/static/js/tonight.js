// The shift row: who is on, who rests, and a crew called in by dragging its bar, by arrow keys or by a form.
import { ask, inPath, send } from "./api.js";
import { h } from "./dom.js";
import { clock, dated, setClock } from "./format.js";
import { bind } from "./keys.js";
import { reasonIn } from "./refusing.js";
import { t, word } from "./words.js";
import { localTime, momentOf } from "./zoned.js";

const AGAIN_MS = 15000;
const STEP_MS = 900000;
const LEAST_PX = 4;
const box = document.getElementById("row");
const said = document.getElementById("called");
const dialog = document.getElementById("call-in");
let told = JSON.parse(document.getElementById("tonight").textContent);
const { may, zone } = told;
// Where each crew stands while the page is open: no row jumps away under the mouse.
const places = new Map(told.crews.map((crew, at) => [crew.id, { at, part: partOf(crew) }]));
let held = null; // the bar that somebody moves
let made = null; // the last call-in, as long as it can be taken back

const seconds = (text) => Date.parse(text) / 1000;
const share = (ms) => (100 * (ms - Date.parse(told.begins))) / (Date.parse(told.ends) - Date.parse(told.begins));
const within = (ms) => Math.min(100, Math.max(0, share(ms)));
const at = (text) => clock(seconds(text));

function place(element, from, to) {
  element.style.left = `${within(from)}%`;
  element.style.width = `${Math.max(0.4, within(to) - within(from))}%`;
  return element;
}

function show() {
  setClock(zone, seconds(told.at));
  const focused = document.activeElement?.dataset?.bar;
  const parts = { can: [], on: [], rest: [] };
  const place = (crew) => places.get(crew.id) ?? { at: Infinity, part: partOf(crew) };
  for (const crew of [...told.crews].sort((a, b) => place(a).at - place(b).at)) parts[place(crew).part].push(crew);
  box.replaceChildren(head(), ...Object.entries(parts).flatMap(([name, crews]) => part(name, crews)));
  if (focused) box.querySelector(`[data-bar="${CSS.escape(focused)}"]`)?.focus();
}

function partOf(crew) {
  if (crew.call) return "can";
  return crew.state === "on" ? "on" : "rest";
}

/** Crews of one kind under a line that says which. */
function part(name, crews) {
  if (!crews.length) return [];
  return [h("h3", { class: "sr-part" }, t(`tonight.part_${name}`, { n: crews.length })), ...crews.map(row)];
}

function head() {
  return h(
    "div",
    { class: "sr-row sr-head" },
    h("span", { class: "sr-name" }, t("list.crew")),
    h("div", { class: "sr-lane" }, ticks(true), now()),
    h("span", { class: "sr-act" }),
  );
}

function ticks(named) {
  const found = [];
  const hour = 3600000;
  for (let ms = Math.ceil(Date.parse(told.begins) / hour) * hour; ms < Date.parse(told.ends); ms += hour) {
    const local = Number(localTime(ms / 1000, zone).slice(11, 13));
    if (local % 2) continue;
    const tick = h("span", { class: "tick" }, named ? clock(ms / 1000) : "");
    tick.style.left = `${share(ms)}%`;
    found.push(tick);
  }
  return found;
}

function now() {
  const line = h("i", { class: "now" });
  line.style.left = `${share(Date.parse(told.at))}%`;
  return line;
}

function row(crew) {
  const lane = h(
    "div",
    { class: "sr-lane" },
    ticks(false),
    rest(crew),
    crew.shifts.map((shift) => bar(crew, shift)),
    offer(crew),
    now(),
  );
  const skills = crew.skills.map((skill) => word("skill", skill)).join(", ");
  const name = h(
    "span",
    { class: "sr-name", title: [crew.name, skills, crew.phone].filter(Boolean).join("\n") },
    h("b", {}, crew.name),
    h("span", {}, standing(crew)),
  );
  const act =
    may && crew.call
      ? h("button", { type: "button", "data-call": crew.id, onclick: () => openForm(crew) }, t("standing.call"))
      : may && ["coming", "off"].includes(crew.state)
        ? h("span", { class: "dim", title: t("tonight.no_call_title") }, t("tonight.no_call"))
        : null;
  return h("div", { class: "sr-row", "data-crew": crew.id }, name, lane, h("span", { class: "sr-act" }, act));
}

function standing(crew) {
  if (crew.state === "absent") return t("crew_state.absent");
  if (crew.state !== "on") {
    return crew.rested_at && seconds(crew.rested_at) > seconds(told.at)
      ? t("tonight.rests", { at: at(crew.rested_at) })
      : t(`tonight.${crew.state}`);
  }
  if (!crew.jobs) return t("tonight.free");
  return crew.free_at
    ? t("tonight.free_at", { at: at(crew.free_at), n: crew.jobs })
    : t("tonight.jobs", { n: crew.jobs });
}

/** The rest after the last shift that has ended. */
function rest(crew) {
  const over = crew.shifts.filter((shift) => seconds(shift.end) <= seconds(told.at)).at(-1);
  if (crew.state === "on" || !crew.rested_at || Date.parse(crew.rested_at) <= Date.parse(told.begins)) return null;
  return place(
    h("i", { class: "sr-rest", title: t("tonight.rests", { at: at(crew.rested_at) }) }),
    over ? Date.parse(over.end) : Date.parse(told.begins),
    Date.parse(crew.rested_at),
  );
}

function bar(crew, shift) {
  const [from, to] = [Date.parse(shift.start), Date.parse(shift.end)];
  const moment = Date.parse(told.at);
  const text = `${at(shift.start)}–${at(shift.end)}`;
  const next = from > moment && crew.call?.instead && Date.parse(crew.call.instead) === from;
  if (next && may) return place(handle(crew, text, "coming", from, to - from, true), from, to);
  const kind = from > moment ? "coming" : to <= moment ? "over" : crew.state === "absent" ? "" : "on";
  return place(h("span", { class: `sr-bar ${kind}`, title: text }, text), from, to);
}

/** Of a crew without a shift soon: from when it could come. */
function offer(crew) {
  if (!may || !crew.call || crew.call.instead) return null;
  const [from, to] = [Date.parse(crew.call.start), Date.parse(crew.call.end)];
  return place(handle(crew, t("tonight.can", { at: at(crew.call.start) }), "can", from, to - from, false), from, to);
}

function handle(crew, text, kind, from, length, moves) {
  const label = t("tonight.drag", { crew: crew.name, at: clock(from / 1000) });
  const element = h(
    "button",
    { type: "button", class: `sr-bar ${kind}`, "data-bar": crew.id, "aria-label": label, title: label },
    text,
  );
  const mine = { crew, element, from, end: from + length, length, moves };
  element.addEventListener("pointerdown", (event) => grab(mine, event));
  element.addEventListener("pointermove", drag);
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", drop);
  element.addEventListener("keydown", (event) => key(mine, event));
  element.addEventListener("blur", () => held?.element === element && !held.pointer && drop());
  return element;
}

function grab(mine, event) {
  if (event.button !== 0) return;
  event.preventDefault();
  mine.element.focus();
  mine.element.setPointerCapture(event.pointerId);
  held = { ...mine, pointer: true, x: event.clientX, grabbed: event.clientX, start: null };
}

function drag(event) {
  if (!held?.pointer) return;
  held.x = event.clientX;
  held.y = event.clientY;
  if (held.start === null && Math.abs(event.clientX - held.grabbed) < LEAST_PX) return;
  const lane = held.element.parentElement.getBoundingClientRect();
  const moved = ((event.clientX - held.grabbed) / lane.width) * (Date.parse(told.ends) - Date.parse(told.begins));
  aim(held.from + moved);
}

/** Move the bar's begin: a shift keeps its end, a call without one its length. */
function aim(ms) {
  const least = Math.ceil(Date.parse(told.at) / STEP_MS) * STEP_MS;
  const start = Math.max(least, Math.round(ms / STEP_MS) * STEP_MS);
  if (held.moves && start >= held.end) return;
  const same = held.start === start;
  held.start = start;
  held.until = held.moves ? held.end : start + held.length;
  held.element.classList.add("held");
  place(held.element, start, held.until);
  if (!same) look(held);
  tip();
}

async function look(mine) {
  const start = mine.start;
  mine.tried = null;
  const found = await tried(mine.crew, start, mine.moves ? null : mine.until).catch((error) => ({
    allowed: false,
    broken: [{ text: reasonIn(error) }],
  }));
  if (held !== mine || mine.start !== start) return;
  mine.tried = found;
  mine.element.classList.toggle("no", !found.allowed);
  tip();
}

function tried(crew, startMs, untilMs) {
  const wanted = new URLSearchParams({ at: new Date(startMs).toISOString() });
  if (untilMs !== null) wanted.set("until", new Date(untilMs).toISOString());
  return ask(`/crews/${inPath(crew.id)}/call-in?${wanted}`);
}

function tip() {
  let shown = document.querySelector(".sr-tip");
  if (!held?.start) return shown?.remove();
  if (!shown) document.body.append((shown = h("div", { class: "sr-tip", role: "status" })));
  const times = `${held.crew.name}: ${clock(held.start / 1000)}–${clock(held.until / 1000)}`;
  shown.replaceChildren(h("b", {}, times), h("div", {}, verdict(held.tried)));
  shown.classList.toggle("wrong", held.tried?.allowed === false);
  const edge = held.element.getBoundingClientRect();
  const [x, y] = held.pointer ? [held.x + 14, (held.y ?? edge.bottom) + 16] : [edge.left, edge.bottom + 6];
  const [left, top] = [Math.max(4, Math.min(x, innerWidth - 350)), Math.min(y, innerHeight - 80)];
  shown.style.transform = `translate(${left}px, ${top}px)`;
}

function verdict(found) {
  if (!found) return "…";
  return found.allowed ? t("tonight.allowed") : found.broken.map((each) => each.text).join(" ");
}

function release() {
  if (!held?.pointer) return;
  const mine = held;
  if (mine.start === null) {
    held = null;
    openForm(mine.crew);
    return;
  }
  apply(mine);
}

function key(mine, event) {
  const by = { ArrowLeft: -STEP_MS, ArrowRight: STEP_MS }[event.key];
  if (by) {
    if (held?.element !== mine.element) held = { ...mine, pointer: false, start: null };
    aim((held.start ?? held.from) + by);
  } else if (event.key === "Enter" && held?.start && !held.pointer) apply(held);
  else if (event.key === "Escape" && held) drop();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function drop() {
  held = null;
  tip();
  show();
}

async function apply(mine) {
  const [crew, start, until] = [mine.crew, mine.start, mine.moves ? null : mine.until];
  held = null;
  tip();
  await call(crew, start, until, "", false).catch((error) => tell("wrong", reasonIn(error)));
  // Somebody may hold the next bar by now: it is drawn anew when they let go.
  if (!held) show();
}

/** Call a crew in; a refusal is thrown. */
async function call(crew, startMs, untilMs, note, anyway) {
  const body = { at: new Date(startMs).toISOString(), note, anyway };
  if (untilMs !== null) body.until = new Date(untilMs).toISOString();
  const { version } = await send(`/crews/${inPath(crew.id)}/call-in`, body);
  made = { version, crew };
  tell(
    "",
    t("tonight.called", { crew: crew.name, at: clock(startMs / 1000) }),
    h("button", { type: "button", id: "take-back", onclick: takeBack }, `${t("hand.undo")} (u)`),
  );
  await again();
}

async function takeBack() {
  if (!made) return;
  const { version, crew } = made;
  made = null;
  try {
    await send(`/standing/versions/${version}/back`, { note: t("hand.undo") });
    tell("", t("tonight.taken_back", { crew: crew.name }));
  } catch (error) {
    tell("wrong", reasonIn(error));
  }
  await again();
}

function tell(kind, text, ...more) {
  said.className = `called ${kind}`;
  said.replaceChildren(text, ...more);
}

async function again() {
  told = await ask("/tonight");
  if (!held) show();
}

// -- the form: the same call with the keyboard alone, or a thumb -------------------

let asked = null;

function openForm(crew) {
  asked = crew;
  const form = dialog.querySelector("form");
  form.reset();
  dialog.querySelector("h2").textContent = t("tonight.call_crew", { crew: crew.name });
  form.elements.at.value = localTime(seconds(crew.call.start), zone);
  form.elements.until.value = crew.call.instead ? "" : localTime(seconds(crew.call.end), zone);
  dialog.querySelector(".until").hidden = Boolean(crew.call.instead);
  dialog.showModal();
  judge();
}

const moments = () => {
  const { at: from, until } = dialog.querySelector("form").elements;
  return [
    Date.parse(momentOf(from.value, zone)),
    until.value && !asked.call.instead ? Date.parse(momentOf(until.value, zone)) : null,
  ];
};

/** Another begin: a call without a shift of its own keeps its length. */
function later() {
  const { at: from, until } = dialog.querySelector("form").elements;
  const { call: offered } = asked;
  if (from.value && !offered.instead) {
    const length = seconds(offered.end) - seconds(offered.start);
    until.value = localTime(Date.parse(momentOf(from.value, zone)) / 1000 + length, zone);
  }
  judge();
}

async function judge() {
  const crew = asked;
  const shown = dialog.querySelector(".verdict");
  const anyway = dialog.querySelector("[name=anyway]");
  try {
    const [start, until] = moments();
    const found = await tried(crew, start, until);
    if (asked !== crew) return;
    const times = `${dated(seconds(found.start))}–${dated(seconds(found.end))}.`;
    shown.textContent = `${times} ${verdict(found)}`;
    shown.classList.toggle("wrong", !found.allowed);
    if (anyway) anyway.closest("label").hidden = found.allowed;
  } catch (error) {
    shown.textContent = error instanceof RangeError ? "" : reasonIn(error);
    shown.classList.add("wrong");
  }
}

async function submit(event) {
  if (event.submitter?.value === "leave") return;
  event.preventDefault();
  const form = event.target;
  const [start, until] = moments();
  try {
    await call(asked, start, until, form.elements.note.value, Boolean(form.elements.anyway?.checked));
    dialog.close();
  } catch (error) {
    const shown = dialog.querySelector(".verdict");
    shown.textContent = reasonIn(error);
    shown.classList.add("wrong");
  }
}

if (dialog) {
  dialog.querySelector("form").addEventListener("submit", submit);
  dialog.querySelector("[name=until]").addEventListener("change", judge);
  dialog.querySelector("[name=at]").addEventListener("change", later);
  bind("u", takeBack);
}
show();
setInterval(() => document.hidden || held || dialog?.open || again().catch(() => {}), AGAIN_MS);
