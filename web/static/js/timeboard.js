// The time board: a row per crew, what it does when. Positions are shares of the whole span, so zooming is one width.
import { day, on, passes, promiseState, related, select, selection } from "./day.js";
import { calmly, h, revealAny } from "./dom.js";
import { both, clock, hours, nowS, span } from "./format.js";
import { CLASSES, mark } from "./glyphs.js";
import { crewName, title } from "./names.js";
import { live, state, stateOf } from "./state.js";
import { stateSign } from "./states.js";
import { t, word } from "./words.js";

const box = document.getElementById("timeboard");
const bars = new Map();
const places = []; // of everything that moves when a crew is later or earlier than planned: [element, from, to]
const crewRows = new Map();
const heads = new Map();
let from = 0;
let to = 1;
let zoom = 1;
let inner;
const HEAD_PX = 168;
const FIRST_SHOWN_H = 11;
const dues = new Map();

const share = (at) => `${(((at - from) / (to - from)) * 100).toFixed(3)}%`;
const width = (start, end) => `${(Math.max(0, (end - start) / (to - from)) * 100).toFixed(3)}%`;

/** The moment under a place on a crew's row. */
export function timeAt(lane, x) {
  const box = lane.getBoundingClientRect();
  return from + ((x - box.left) / box.width) * (to - from);
}

/** The row of each crew, for whoever drags jobs over them. */
export const lanes = crewRows;

function draw() {
  bounds();
  for (const made of [bars, crewRows, heads, dues]) made.clear();
  places.length = 0;
  painted = [];
  // The heads are one column of their own: a sticky box per row costs a layer per row at every frame.
  inner = h(
    "div",
    { class: "tb-inner" },
    h("div", { class: "tb-corner" }, t("time.crews", { n: day.crews.filter((crew) => !crew.desk).length })),
    scale(),
    h("div", { class: "tb-heads" }, day.crews.map(head)),
    h("div", { class: "tb-lanes" }, day.crews.map(lane), h("div", { class: "tb-now", style: { left: share(nowS()) } })),
  );
  box.replaceChildren(inner);
  resize();
}

/** Draw the board anew where it stands: same zoom, same place; not while a job is held. */
function redraw(busy) {
  if (busy()) return setTimeout(() => redraw(busy), 300);
  const { scrollLeft, scrollTop } = box;
  draw();
  box.scrollTo(scrollLeft, scrollTop);
  refilter();
  paint("time");
  return null;
}

/** Move what is expected at another time; draw anew only where the span no longer holds it all. */
function rearrange(busy) {
  if (busy()) return setTimeout(() => rearrange(busy), 300);
  const before = [from, to];
  bounds();
  if (before[0] !== from || before[1] !== to) return redraw(busy);
  for (const each of places) put(...each);
  return null;
}

/** Put an element where its times are; away where there are none. */
function put(element, times, title) {
  const [start, end] = times();
  const shown = start !== null && end !== null && end > start && end - start < 86400;
  element.hidden = !shown;
  if (!shown) return;
  element.style.left = share(start);
  element.style.width = width(start, end);
  const said = title();
  if (element.title !== said) element.title = said;
}

/** An element at times that may change. */
function moving(element, times, title) {
  places.push([element, times, title]);
  put(element, times, title);
  return element;
}

/** Say anew how far jobs and crews are. */
function restate() {
  const now = inner.querySelector(".tb-now");
  if (now) now.style.left = share(nowS());
  const clockNow = inner.querySelector(".tb-scale .now");
  if (clockNow) {
    clockNow.style.left = share(nowS());
    clockNow.textContent = hours(nowS());
  }
  for (const [id, made] of bars)
    for (const bar of made) bar.replaceChild(signOf(day.job.get(id)), bar.querySelector(".sign"));
  for (const [id, head] of heads) {
    const absent = state.crew.get(id)?.state === "absent";
    head.classList.toggle("absent", absent);
    head.classList.toggle("unread", state.unread.includes(id));
    head.querySelector(".told").textContent = absent ? t("crew_state.absent") : state.unread.includes(id) ? "✉" : "";
  }
}

const signOf = (job) =>
  h("i", { class: `sign s-${stateOf(job)}`, title: live ? t(`state.${stateOf(job)}`) : null }, stateSign(job));

/** Show where a proposal would put jobs, beside where they are. */
function ghosts() {
  for (const old of inner.querySelectorAll(".tb-move")) old.remove();
  for (const old of inner.querySelectorAll(".leaving")) old.classList.remove("leaving");
  if (selection.kind !== "proposal") return;
  for (const move of day.proposal.get(selection.id)?.moves ?? []) {
    const lane = crewRows.get(move.to_crew);
    const job = day.job.get(move.job);
    for (const bar of bars.get(move.job) ?? []) bar.classList.add("leaving");
    if (!lane || !job) continue;
    lane.append(
      h(
        "div",
        {
          class: `tb-move ${move.class}`,
          title: t("proposal.there", { what: `${title(job)}, ${job.address}`, at: clock(move.to) }),
          style: { left: share(move.to), width: width(move.to, move.to + job.min * 60) },
        },
        mark(move.class, 14),
        h("span", {}, job.address || title(job)),
      ),
    );
  }
}

export function showTimeboard(busy = () => false) {
  draw();
  zoom = Math.max(1, (to - from) / 3600 / FIRST_SHOWN_H);
  resize();
  box.addEventListener("click", (event) => {
    const bar = event.target.closest("[data-job]");
    const head = event.target.closest("[data-crew]");
    if (bar) select("job", bar.dataset.job, "time");
    else if (head) select("crew", head.dataset.crew, "time");
  });
  box.addEventListener("keydown", arrows);
  rove();
  box.addEventListener("wheel", wheel, { passive: false });
  on("select", paint);
  on("filter", refilter);
  on("board", () => calmly(box, () => redraw(busy)));
  on("expected", () => calmly(box, () => rearrange(busy)));
  if (!live) return;
  on("select", ghosts);
  on("proposal", ghosts);
  on("state", restate);
  restate();
}

function bounds() {
  const times = [nowS()];
  for (const crew of day.crews) {
    if (crew.shift) times.push(Math.max(crew.shift[0], nowS() - 1800), crew.shift[1]);
    for (const stop of crew.stops) times.push(...[leaveOf(stop), sure(stop).finish].filter((at) => at !== null));
    if (crew.end) times.push(crew.end);
  }
  from = Math.floor((Math.min(...times.filter((at) => at > nowS() - 7200)) - 300) / 1800) * 1800;
  to = Math.ceil(Math.max(...times, from + 3600) / 1800) * 1800;
}

function scale() {
  const lane = h("div", { class: "tb-scale" });
  for (let at = from; at < to; at += 1800) {
    const full = hours(at).endsWith(":00");
    lane.append(h("span", { class: full ? "hour" : "half", style: { left: share(at) } }, full ? hours(at) : ""));
  }
  lane.append(h("span", { class: "now", style: { left: share(nowS()) } }, hours(nowS())));
  return lane;
}

function lane(crew) {
  const lane = h("div", { class: "tb-row" });
  if (crew.shift)
    lane.append(
      h("div", {
        class: "tb-shift",
        style: {
          left: share(Math.max(crew.shift[0], from)),
          width: width(Math.max(crew.shift[0], from), crew.shift[1]),
        },
      }),
    );
  for (const stop of crew.stops) lane.append(...stopBars(crew, stop));
  for (const [start, end] of crew.breaks) {
    lane.append(
      h("div", {
        class: "tb-break",
        title: t("time.break", { from: clock(start), to: clock(end) }),
        style: { left: share(start), width: width(start, end) },
      }),
    );
  }
  const last = crew.stops.at(-1);
  if (last)
    lane.append(
      moving(
        h("div", { class: "tb-drive" }),
        () => [sure(last).finish, crew.end],
        () => t("time.back", { at: clock(crew.end) }),
      ),
    );
  if (crew.shift)
    lane.append(
      moving(
        h("div", { class: "tb-over" }),
        () => [crew.shift[1], crew.end],
        () => t("time.overtime", { span: span((crew.end - crew.shift[1]) / 60) }),
      ),
    );
  crewRows.set(crew.id, lane);
  return lane;
}

function head(crew) {
  const note = crew.desk ? t("time.desk") : crew.shift ? `${clock(crew.shift[0])}–${clock(crew.shift[1])}` : "";
  const stops = t("time.stops", { n: crew.stops.length });
  const made = h(
    "button",
    {
      type: "button",
      class: "tb-head",
      tabindex: "-1",
      "data-crew": crew.id,
      title: `${crewName(crew.id)} · ${note} · ${stops}`,
    },
    h("span", { class: "name" }, crewName(crew.id)),
    live ? h("span", { class: "told" }) : null,
    h("span", { class: "note" }, String(crew.stops.length)),
  );
  heads.set(crew.id, made);
  return made;
}

/** Times as they are expected; as they were planned where nobody can say any more. */
const sure = (stop) => (stop.start === null ? stop.planned : stop);
const leaveOf = (stop) => stop.leave ?? null;

function stopBars(crew, stop) {
  const job = day.job.get(stop.job);
  const to = job?.address ?? "";
  const made = [
    moving(
      h("div", { class: "tb-drive" }),
      () => [sure(stop).leave, sure(stop).arrive],
      () => t("time.drive", { span: span((sure(stop).arrive - sure(stop).leave) / 60), to }),
    ),
    moving(
      h("div", { class: "tb-wait" }),
      () => [sure(stop).arrive + 59 < sure(stop).start ? sure(stop).arrive : null, sure(stop).start],
      () => t("time.wait", { span: span((sure(stop).start - sure(stop).arrive) / 60) }),
    ),
  ];
  if (!job) return made;
  const late = promiseState(job);
  const bar = h(
    "button",
    { type: "button", tabindex: "-1", class: `tb-job ${job.cls} ${late}`, "data-job": job.id },
    mark(job.cls, 14),
    live ? signOf(job) : null,
    late === "late" ? h("i", {}, "▲") : null,
    h("span", {}, job.address || title(job)),
  );
  moving(
    bar,
    () => [sure(stop).start, Math.max(sure(stop).finish, sure(stop).start + 60)],
    () => barText(bar, crew, stop, job),
  );
  if (!bars.has(job.id)) bars.set(job.id, []);
  bars.get(job.id).push(bar);
  const marks = dueMark(job);
  dues.set(job.id, [...(dues.get(job.id) ?? []), ...marks]);
  return [...made, bar, ...marks];
}

function barText(bar, crew, stop, job) {
  const unsure = stop.start === null;
  bar.classList.toggle("unsure", unsure);
  const when = unsure ? t("time.unsure") : `${clock(stop.start)}–${stop.over ? "?" : clock(stop.finish)}`;
  const text = `${job.cls} ${title(job)}, ${job.address}\n${when} · ${crewName(crew.id)}`;
  bar.setAttribute("aria-label", text.replace("\n", ", "));
  return text;
}

function dueMark(job) {
  return job.promises
    .filter(
      (promise) => promise.slack_min !== undefined && promise.slack_min < 0 && promise.due > from && promise.due < to,
    )
    .map((promise) =>
      h("i", {
        class: "tb-due",
        title: t("promise.due", { what: word("promise", promise.what), due: both(promise.due) }),
        style: { left: share(promise.due) },
      }),
    );
}

function resize() {
  inner.style.width = `calc(${HEAD_PX}px + (100% - ${HEAD_PX}px) * ${zoom})`;
  const visible = (box.clientWidth - HEAD_PX) * zoom;
  const perHour = visible / ((to - from) / 3600);
  inner.classList.toggle("dense", perHour < 44);
  inner.classList.toggle("sparse", perHour > 160);
}

/** Zoom by a factor around a place of the box, or back to the whole span with 0. */
export function zoomTime(factor, x = box.clientWidth / 2) {
  const before = zoom;
  const at = (box.scrollLeft + x - HEAD_PX) / before;
  zoom = factor === 0 ? 1 : Math.max(1, Math.min(24, zoom * factor));
  resize();
  box.scrollLeft = at * zoom - x + HEAD_PX;
}

function wheel(event) {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoomTime(event.deltaY < 0 ? 1.25 : 0.8, event.clientX - box.getBoundingClientRect().left);
}

/** Arrows walk along a route and from crew to crew. */
function arrows(event) {
  const bar = event.target.closest("[data-job]");
  const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const across = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!bar || !(along || across)) return;
  event.preventDefault();
  if (along) {
    if (selection.id !== bar.dataset.job) select("job", bar.dataset.job, "keys");
    else alongRoute(along);
  } else toNextCrew(bar, across);
  (bars.get(selection.id) ?? [])[0]?.focus({ preventScroll: true });
}

function toNextCrew(bar, by) {
  const at = bar.getBoundingClientRect().left;
  let row = bar.closest(".tb-row");
  do row = by > 0 ? row.nextElementSibling : row.previousElementSibling;
  while (row && !row.querySelector("[data-job]"));
  if (!row) return;
  const away = (other) => Math.abs(other.getBoundingClientRect().left - at);
  const next = [...row.querySelectorAll("[data-job]")].reduce((best, other) =>
    away(other) < away(best) ? other : best,
  );
  select("job", next.dataset.job, "keys");
}

let stop = null;
/** One bar can be reached by Tab: the selected one, or the first. */
function rove() {
  stop?.setAttribute("tabindex", "-1");
  stop = inner.querySelector(".tb-job.picked") ?? inner.querySelector(".tb-job");
  stop?.setAttribute("tabindex", "0");
}

let painted = [];
function paint(origin) {
  for (const old of painted) old.classList.remove("picked", "near");
  const { jobs, crews } = related();
  painted = [];
  for (const id of jobs) {
    for (const due of selection.kind === "job" ? (dues.get(id) ?? []) : []) {
      due.classList.add("picked");
      painted.push(due);
    }
    for (const bar of bars.get(id) ?? []) {
      bar.classList.add(selection.kind === "job" && selection.id === id ? "picked" : "near");
      painted.push(bar);
    }
  }
  for (const id of crews) {
    for (const part of [crewRows.get(id), heads.get(id)]) {
      part?.classList.add("picked");
      if (part) painted.push(part);
    }
  }
  rove();
  inner.classList.toggle("chosen", selection.kind !== null);
  const lit = painted.filter((each) => each.classList.contains("tb-job"));
  const others = painted.filter((each) => !each.classList.contains("tb-due"));
  if (origin !== "time") revealAny(box, lit.length ? lit : others, { top: 26, left: HEAD_PX });
}

function refilter() {
  for (const [id, made] of bars) for (const bar of made) bar.classList.toggle("off", !passes(day.job.get(id)));
}

/** Go along the route of the crew whose stop or row is selected. */
export function alongRoute(by) {
  const { crews } = related();
  const crew = day.crew.get([...crews][0]);
  if (!crew?.stops.length) return;
  const at = crew.stops.findIndex((stop) => selection.kind === "job" && stop.job === selection.id);
  const next = at === -1 ? 0 : Math.max(0, Math.min(crew.stops.length - 1, at + by));
  select("job", crew.stops[next].job, "keys");
}

export function timeLegend() {
  const bar = (cls, text) => h("span", {}, h("i", { class: `swatch ${cls}` }), text);
  const used = CLASSES.filter((cls) => day.jobs.some((job) => job.cls === cls));
  document
    .getElementById("time-legend")
    .append(
      ...used.map((cls) => h("span", {}, mark(cls, 16), word("class", cls))),
      bar("drive", t("time.legend_drive")),
      bar("wait", t("time.legend_wait")),
      bar("break", t("time.legend_break")),
      bar("over", t("time.legend_over")),
      bar("late", t("time.legend_late")),
    );
}

export const timeResized = () => inner && resize();
