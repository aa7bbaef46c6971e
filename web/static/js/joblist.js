// The list of jobs, what needs somebody first on top.
import { day, filter, on, passes, promiseState, related, select, selection, tell, tightest } from "./day.js";
import { announce, calmly, h, reveal, revealAny } from "./dom.js";
import { etrShort, etrWords } from "./etr.js";
import { both, brief, clock } from "./format.js";
import { CLASSES, mark } from "./glyphs.js";
import { crewName, title } from "./names.js";
import { ENDED, live, stateOf } from "./state.js";
import { stateMark } from "./states.js";
import { number, t, word } from "./words.js";

const rows = new Map();
let order = [];
const body = document.getElementById("jobs");
const scroll = document.getElementById("list-scroll");
const count = document.getElementById("count");

const LATE = { late: 0, risk: 1, kept: 2, none: 2 };

/** Danger first, then class, then promises that break, then the clock. */
function urgency(a, b) {
  return (
    finished(a) - finished(b) ||
    a.tier - b.tier ||
    a.cls.localeCompare(b.cls) ||
    LATE[promiseState(a)] - LATE[promiseState(b)] ||
    (a.start ?? Infinity) - (b.start ?? Infinity) ||
    a.id.localeCompare(b.id)
  );
}

const finished = (job) => Number(ENDED.has(stateOf(job)));

/** Put the rows up; those that are there already are made anew in place, and move only when nobody points at them. */
function fill() {
  for (const job of day.jobs) job.found = searchText(job);
  const before = new Set(order.map((job) => job.id));
  rows.clear();
  painted = [];
  const known = order.map((job) => day.job.get(job.id)).filter((job) => job && !job.unused);
  order = [...known, ...day.jobs.filter((job) => !before.has(job.id))];
  const top = scroll.scrollTop;
  body.replaceChildren(...order.map(row));
  scroll.scrollTop = top;
  classFilter();
  refilter();
  paint("news");
  calmly(scroll, sort);
}

function sort() {
  const sorted = [...order].sort(urgency);
  if (sorted.every((job, i) => job === order[i])) return;
  const held = body.contains(document.activeElement) ? document.activeElement : null;
  const top = scroll.scrollTop;
  order = sorted;
  body.append(...order.map((job) => rows.get(job.id)));
  scroll.scrollTop = top;
  held?.focus({ preventScroll: true });
}

/** Say anew where each job stands, without moving any. */
function restate() {
  for (const job of order) {
    const made = stateMark(job);
    const cell = rows.get(job.id)?.querySelector(".c-state");
    if (cell && cell.firstChild?.className !== made.className) cell.replaceChildren(made);
    rows.get(job.id)?.classList.toggle("ended", ENDED.has(stateOf(job)));
  }
  calmly(scroll, sort);
}

/** Make those rows anew whose figures are not what they were; none changes its place. */
function reexpect() {
  let changed = false;
  for (const job of order) {
    const old = rows.get(job.id);
    if (!old || old.dataset.expected === figuresOf(job)) continue;
    const made = row(job);
    rows.set(job.id, old);
    for (const at of EXPECTED_CELLS) old.cells[at].replaceWith(made.cells[at].cloneNode(true));
    old.dataset.expected = made.dataset.expected;
    changed = true;
  }
  if (changed) calmly(scroll, sort);
}

const EXPECTED_CELLS = [1, 2, 3];
const figuresOf = (job) =>
  [job.out, job.etr?.status, job.etr?.median, tightest(job)?.slack_min, tightest(job)?.met].join(" ");

export function showList() {
  fill();
  sort();
  const field = document.getElementById("filter");
  field.addEventListener("input", () => {
    filter.text = field.value.trim().toLowerCase();
    tell("filter");
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") body.querySelector("tr:not([hidden])")?.click();
    if (event.key === "Enter" || event.key === "Escape") field.blur();
  });
  body.addEventListener("click", (event) => {
    const found = event.target.closest("tr");
    if (found) select("job", found.dataset.id, "list");
  });
  body.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    step(by);
    body.querySelector("tr.picked button")?.focus({ preventScroll: true });
  });
  on("filter", refilter);
  on("select", paint);
  on("board", fill);
  if (live) on("state", restate);
  on("expected", reexpect);
  refilter();
}

function searchText(job) {
  const crews = job.crews.map((id) => day.crew.get(id)?.name ?? id);
  return [job.id, job.address, title(job), job.cls, ...crews].join(" ").toLowerCase();
}

function row(job) {
  const state = promiseState(job);
  const made = h(
    "tr",
    { role: "row", "data-id": job.id, "data-expected": figuresOf(job), class: job.tier === 0 ? "danger" : null },
    h(
      "td",
      { role: "cell", class: "c-job" },
      h(
        "button",
        { type: "button", tabindex: "-1", "aria-label": label(job) },
        mark(job.cls),
        h("span", { class: "what" }, title(job)),
        stillOut(job)
          ? h("span", { class: "still-out", title: t("list.still_out"), "aria-hidden": "true" }, "↻")
          : null,
        h("span", { class: "where" }, job.address),
      ),
    ),
    h("td", { role: "cell", class: "num" }, job.out ? number(job.out) : h("span", { class: "dim" }, "–")),
    h("td", { role: "cell", class: "num", title: job.etr ? etrWords(job.etr) : null }, etrShort(job.etr)),
    h("td", { role: "cell", class: `num promise ${state}`, title: promiseTitle(job) }, promiseText(job, state)),
    h("td", { role: "cell", class: "c-crew" }, crewText(job)),
    live ? h("td", { role: "cell", class: "c-state" }, stateMark(job)) : null,
  );
  rows.set(job.id, made);
  return made;
}

/** Supply was said to be back, and somebody there has called again. */
const stillOut = (job) => Boolean(job.outage && day.outage.get(job.outage)?.still_out);

function label(job) {
  const said = [
    t("list.row", { cls: word("class", job.cls), what: title(job), where: job.address }),
    stillOut(job) ? t("list.still_out") : "",
  ]
    .filter(Boolean)
    .join(", ");
  return job.tier === 0 ? `${t("list.danger")}: ${said}` : said;
}

function promiseText(job, state) {
  const promise = tightest(job);
  if (!promise) return h("span", { class: "dim" }, "–");
  const sign = { late: "▲", risk: "◆", kept: "" }[state];
  const late = state === "late" ? h("b", {}, `+${brief(promise.slack_min)}`) : null;
  return [
    sign ? h("i", { "aria-label": t(`promise.${state}`) }, sign) : null,
    clock(promise.due),
    late ? " " : null,
    late,
  ];
}

function promiseTitle(job) {
  return (
    job.promises
      .map((promise) => {
        const what = t("promise.due", { what: word("promise", promise.what), due: both(promise.due) });
        return promise.expected
          ? `${what} · ${t(promise.met ? "promise.was" : "promise.expected", { at: clock(promise.expected) })}`
          : what;
      })
      .join("\n") || null
  );
}

function crewText(job) {
  if (job.fresh) return h("span", { class: "undone" }, t("list.fresh"));
  if (job.dropped || !job.crews.length) return h("span", { class: "undone" }, t("list.left_out"));
  const [first, ...others] = job.crews.map(crewName);
  return others.length
    ? h("span", { title: job.crews.map(crewName).join(", ") }, first, h("b", {}, ` +${others.length}`))
    : first;
}

function classFilter() {
  const box = document.getElementById("classes");
  box.replaceChildren();
  for (const cls of CLASSES) {
    const some = day.jobs.filter((job) => job.cls === cls).length;
    if (!some) continue;
    const toggle = () => toggleClass(cls);
    box.append(
      h(
        "button",
        {
          type: "button",
          class: "chip",
          "data-class": cls,
          "aria-pressed": String(filter.classes.has(cls)),
          onclick: toggle,
          title: t("list.class_title", { cls: word("class", cls), n: some }),
        },
        mark(cls, 16),
        number(some),
      ),
    );
  }
}

export function toggleClass(cls) {
  if (!document.querySelector(`#classes [data-class="${cls}"]`)) return;
  if (filter.classes.has(cls)) filter.classes.delete(cls);
  else filter.classes.add(cls);
  tell("filter");
}

function refilter() {
  let shown = 0;
  for (const job of order) {
    const keep = passes(job);
    rows.get(job.id).hidden = !keep;
    if (keep) shown += 1;
  }
  for (const chip of document.querySelectorAll("#classes .chip")) {
    chip.setAttribute("aria-pressed", String(filter.classes.has(chip.dataset.class)));
  }
  rove();
  count.textContent =
    shown === order.length ? t("list.count", { n: shown }) : t("list.count_of", { n: shown, all: order.length });
}

let stop = null;
/** One row can be reached by Tab: the selected one, or the first. */
function rove() {
  stop?.setAttribute("tabindex", "-1");
  const row = body.querySelector("tr.picked:not([hidden])") ?? body.querySelector("tr:not([hidden])");
  stop = row?.querySelector("button") ?? null;
  stop?.setAttribute("tabindex", "0");
}

let painted = [];
function paint(origin) {
  for (const old of painted) {
    old.classList.remove("picked", "near");
    old.removeAttribute("aria-current");
  }
  const { jobs } = related();
  painted = [...jobs].map((id) => rows.get(id)).filter(Boolean);
  const chosen = selection.kind === "job" ? rows.get(selection.id) : null;
  for (const each of painted) each.classList.add(each === chosen ? "picked" : "near");
  if (chosen) {
    chosen.setAttribute("aria-current", "true");
    announce(label(day.job.get(selection.id)));
  }
  rove();
  if (chosen && origin === "list") reveal(scroll, chosen, { top: 28, margin: 0 });
  else if (origin !== "list") {
    const lit = chosen ? [chosen] : painted;
    revealAny(
      scroll,
      lit.filter((each) => !each.hidden),
      { top: 28 },
    );
  }
}

/** Select the next job that is shown, or the one before. */
export function step(by) {
  const shown = order.filter(passes);
  if (!shown.length) return;
  const at = selection.kind === "job" ? shown.findIndex((job) => job.id === selection.id) : -1;
  const next = at === -1 ? (by > 0 ? 0 : shown.length - 1) : Math.max(0, Math.min(shown.length - 1, at + by));
  select("job", shown[next].id, "list");
}

export function showOnly(name) {
  filter.only = filter.only === name ? null : name;
  tell("filter");
  scroll.scrollTop = 0;
}
