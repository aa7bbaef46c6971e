// The call centre's list: one key per answer, a few seconds to take it back, then it is sent.
import { ask, inPath } from "./api.js";
import { announce, h } from "./dom.js";
import { bind } from "./keys.js";
import { reasonIn } from "./refusing.js";
import { t } from "./words.js";

const KEYS = { yes: "y", no: "n", unreached: "x" };
const REFRESH_MS = 5_000;
const TAKE_BACK_MS = 5_000;
const list = document.getElementById("asked");
const undo = document.getElementById("undo");
const fault = document.getElementById("fault");
const token = document.querySelector("meta[name=csrf-token]").content;
let rows = [];
let chosen = null;
let pending = null;
const leaving = new Set();

async function refresh() {
  try {
    rows = (await ask("/callbacks")).callbacks;
    fault.hidden = true;
    draw();
  } catch (error) {
    complain(reasonIn(error));
  }
}

const fail = (error) => complain(t("callbacks.fault", { text: reasonIn(error) }));

function complain(text) {
  fault.textContent = text;
  fault.hidden = false;
}

const left = () => rows.filter((row) => row.request !== pending?.request && !leaving.has(row.request));

function draw() {
  const shown = left();
  if (!shown.some((row) => row.request === chosen)) chosen = shown[0]?.request ?? null;
  const typed = new Map([...list.querySelectorAll("input")].map((box) => [box.dataset.request, box.value]));
  const focus = document.activeElement?.dataset?.request;
  list.replaceChildren(...shown.map((row) => line(row, typed.get(row.request) ?? "")));
  if (focus) list.querySelector(`input[data-request="${CSS.escape(focus)}"]`)?.focus();
  document.getElementById("left").textContent = t("callbacks.left", { n: shown.length });
}

function line(row, note) {
  const now = row.request === chosen;
  const answers = Object.entries(KEYS).map(([answer, key]) =>
    h(
      "button",
      { type: "button", "data-answer": answer, onclick: () => say(row, answer) },
      t(`callbacks.${answer}`),
      " ",
      now && h("kbd", {}, key),
    ),
  );
  const again = row.state === "unreached" ? h("span", { class: "wrong" }, `${t("callbacks.again")} `) : null;
  return h(
    "li",
    {
      class: now ? "now" : "",
      "aria-current": now ? "true" : null,
      "data-request": row.request,
      onclick: () => choose(row.request),
    },
    h(
      "div",
      {},
      h(
        "p",
        { class: "tel" },
        row.phone ? h("a", { href: `tel:${row.phone.replaceAll(" ", "")}` }, row.phone) : t("callbacks.no_phone"),
      ),
      h("p", {}, row.name ?? row.customer ?? t("callbacks.unknown")),
    ),
    h(
      "div",
      {},
      h("p", {}, again, row.address ?? ""),
      h(
        "p",
        { class: "dim" },
        t("callbacks.about", { request: row.request, order: row.order_id, time: clock(row.since) }),
      ),
      h("p", { class: "words" }, `“${row.words}”`),
    ),
    h(
      "div",
      {},
      h("p", { class: "answers" }, answers),
      now &&
        h("input", {
          "data-request": row.request,
          value: note,
          maxlength: 500,
          placeholder: t("callbacks.note"),
          "aria-label": t("callbacks.note"),
        }),
    ),
  );
}

function clock(moment) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = {
    day: "2-digit",
    month: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: list.dataset.zone,
  };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date(moment));
}

function choose(request) {
  if (request === chosen) return;
  chosen = request;
  draw();
}

function step(by) {
  const shown = left();
  const at = shown.findIndex((row) => row.request === chosen);
  choose(shown[Math.max(0, Math.min(shown.length - 1, at + by))]?.request ?? null);
  list.querySelector(".now")?.scrollIntoView({ block: "nearest" });
}

// The answer before goes out when the next is given; several may be on their way at once.
function say(row, answer) {
  const note = list.querySelector(`input[data-request="${CSS.escape(row.request)}"]`)?.value.trim() || null;
  const shown = left();
  const next = shown[shown.findIndex((each) => each.request === row.request) + 1]?.request ?? null;
  const before = pending;
  pending = {
    request: row.request,
    body: note ? { answer, note } : { answer },
    timer: setTimeout(() => deliver(pending), TAKE_BACK_MS),
  };
  chosen = next;
  const text = t(`callbacks.said.${answer}`, { who: row.name ?? row.phone ?? row.request });
  undo.querySelector("span").textContent = text;
  undo.hidden = false;
  announce(text);
  if (before) deliver(before);
  draw();
}

// The page may be closed right after an answer: it is sent then, not lost.
const post = (request, body) =>
  ask(`/callbacks/${inPath(request)}`, {
    method: "POST",
    keepalive: true,
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
  });

async function deliver(answer) {
  clearTimeout(answer.timer);
  leaving.add(answer.request);
  if (pending === answer) {
    pending = null;
    undo.hidden = true;
  }
  try {
    await post(answer.request, answer.body);
    rows = rows.filter((row) => row.request !== answer.request);
  } catch (error) {
    fail(error);
  }
  leaving.delete(answer.request);
  draw();
}

function takeBack() {
  if (!pending) return;
  clearTimeout(pending.timer);
  chosen = pending.request;
  pending = null;
  undo.hidden = true;
  draw();
}

const current = (answer) => () => {
  const row = left().find((each) => each.request === chosen);
  if (row) say(row, answer);
};
for (const [answer, key] of Object.entries(KEYS)) bind(key, current(answer));
bind("j", () => step(1));
bind("k", () => step(-1));
bind("z", takeBack);
undo.querySelector("button").addEventListener("click", takeBack);
addEventListener("pagehide", () => pending && deliver(pending));
setInterval(refresh, REFRESH_MS);
refresh();
