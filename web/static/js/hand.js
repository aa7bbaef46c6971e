// A plan changed by hand: tried first, with what it costs and breaks, then applied with a reason.
import { ask, inPath, send } from "./api.js";
import { day, selection } from "./day.js";
import { announce, h } from "./dom.js";
import { clock } from "./format.js";
import { crewName, title } from "./joblist.js";
import { act, live, state } from "./live.js";
import { signed } from "./proposal.js";
import { reasonOf } from "./states.js";
import { remember, routesNow } from "./undo.js";
import { t, word } from "./words.js";

const dialog = document.getElementById("hand");
let before = { plan: null, broken: new Set() };
let turn = 0;

/** The routes in force with a job taken from one crew and put into another's route at a position. */
export function moved(job, fromCrew, toCrew, position) {
  const routes = routesNow();
  const from = routes[fromCrew] ?? [];
  const at = from.indexOf(job);
  const behind = fromCrew === toCrew && at >= 0 && at < position ? 1 : 0;
  routes[fromCrew] = from.filter((id) => id !== job);
  routes[toCrew] = (routes[toCrew] ?? []).filter((id) => id !== job);
  routes[toCrew].splice(Math.max(0, position - behind), 0, job);
  if (!routes[fromCrew].length) delete routes[fromCrew];
  return routes;
}

const key = (violation) => `${violation.code} ${violation.job ?? ""} ${violation.crew ?? ""}`;

/** What routes, or changed work, cost more than what is in force, and which rules they newly break. */
export async function tried(routes, edits = []) {
  if (before.plan !== state.plan) {
    const now = await send("/plans/try", { routes: routesNow() });
    before = { plan: state.plan, broken: new Set(now.violations.map(key)) };
  }
  const found = await send("/plans/try", { routes, edits });
  return { ...found, fresh: found.violations.filter((each) => !before.broken.has(key(each))) };
}

/** Whether a job may be moved by hand now. */
export const movable = (id) => Boolean(live?.may && state.plan && day.job.has(id) && !day.job.get(id).fresh);

/** Show what a move would do, with a way to apply it. */
export async function showMove(job, fromCrew, toCrew, position, known = null) {
  const own = ++turn;
  // The plan that these routes were drawn from: what somebody saw is what the server compares.
  const seen = state.plan;
  const routes = moved(job, fromCrew, toCrew, position);
  panel(job, h("p", {}, whereTo(routes, job, toCrew)), h("p", { class: "dim", role: "status" }, t("hand.trying")));
  try {
    const found = known ?? (await tried(routes));
    if (own === turn) outcome(job, routes, toCrew, seen, found);
  } catch (error) {
    panel(job, h("p", { class: "wrong", role: "alert" }, reasonOf(error)));
  }
}

function whereTo(routes, job, crew) {
  const at = routes[crew].indexOf(job);
  const other = at > 0 ? day.job.get(routes[crew][at - 1]) : null;
  if (!other) return t("hand.first", { crew: crewName(crew) });
  return t("hand.after", { crew: crewName(crew), what: `${title(other)}, ${other.address}` });
}

function outcome(job, routes, crew, seen, found) {
  const unsafe = found.violations.some((each) => !each.allowed);
  const reason = h("input", {
    name: "reason",
    "aria-label": t("hand.reason"),
    placeholder: t("hand.reason"),
    maxlength: "500",
    autocomplete: "off",
    required: found.violations.length > 0,
  });
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const apply = async (event) => {
    event.preventDefault();
    const note = remember();
    try {
      await act("/plans/routes", { routes, reason: reason.value, seen });
      note.keep();
      dialog.close();
      announce(t("hand.applied"));
    } catch (error) {
      wrong.hidden = false;
      wrong.replaceChildren(reasonOf(error));
      // Somebody was first: look at it again on the plan that holds now.
      if (seen !== state.plan) wrong.append(" ", h("button", { type: "button", onclick: chooseCrew }, t("hand.again")));
    }
  };
  panel(
    job,
    h("p", {}, whereTo(routes, job, crew)),
    difference(found),
    broken(found),
    unsafe
      ? h("p", { class: "wrong" }, t("hand.unsafe"))
      : h("form", { class: "moves", onsubmit: apply }, reason, h("button", { class: "main" }, t("hand.apply"))),
    wrong,
  );
  if (!unsafe) reason.focus();
}

/** What a change costs, opened to its parts. */
export function difference(found) {
  const parts = Object.entries(found.parts)
    .filter(([, cost]) => Math.abs(cost) >= 0.5)
    .sort((a, b) => a[1] - b[1]);
  return h(
    "details",
    { class: "difference" },
    h("summary", {}, t("hand.costs"), " ", h("b", { class: found.cost > 0.5 ? "more" : null }, signed(found.cost))),
    h(
      "table",
      { class: "plain" },
      h(
        "tbody",
        {},
        parts.map(([name, cost]) =>
          h("tr", {}, h("th", { scope: "row" }, word("part", name)), h("td", { class: "num" }, signed(cost))),
        ),
      ),
    ),
  );
}

/** The rules that a change newly breaks. */
export function broken(found) {
  return found.fresh.length
    ? h("ul", { class: "broken" }, found.fresh.map(violation))
    : h("p", { class: "dim" }, t("hand.breaks_nothing"));
}

function violation(each) {
  const job = each.job && day.job.get(each.job);
  const about = [each.crew && crewName(each.crew), job && `${title(job)}, ${job.address}`].filter(Boolean).join(" · ");
  return h(
    "li",
    { class: each.allowed ? null : "wrong", title: each.text },
    h("b", {}, word("violation", each.code)),
    about ? ` ${about}` : "",
  );
}

function panel(job, ...content) {
  const found = day.job.get(job);
  panelOf(t("hand.title", { what: `${title(found)}, ${found.address}` }), ...content);
}

/** Put something into the panel for changes by hand. */
export function panelOf(heading, ...content) {
  const close = h(
    "button",
    { type: "button", class: "quiet close", "aria-label": t("detail.close"), onclick: () => dialog.close() },
    "×",
  );
  dialog.replaceChildren(h("header", {}, h("h2", { id: "hand-title" }, heading), close), ...content.filter(Boolean));
  if (!dialog.open) dialog.show();
}

/** Ask where the selected job should go: the best crews first, then any. */
export async function chooseCrew() {
  const job = selection.kind === "job" ? selection.id : null;
  if (!job || !movable(job)) return false;
  const from = day.job.get(job).crews[0] ?? "";
  panel(job, h("p", { class: "dim", role: "status" }, t("why.asking")));
  try {
    const { crews } = await ask(`/jobs/${inPath(job)}/crews`);
    const best = h(
      "ol",
      { class: "best" },
      crews.filter((each) => each.crew !== from).map((each) => h("li", {}, bestButton(job, from, each))),
    );
    panel(
      job,
      h("h3", {}, t("hand.who")),
      crews.length ? best : h("p", { class: "dim" }, t("hand.nobody")),
      anyCrew(job, from),
    );
    dialog.querySelector(".best button, select")?.focus();
  } catch (error) {
    panel(job, h("p", { class: "wrong", role: "alert" }, reasonOf(error)));
  }
  return true;
}

function bestButton(job, from, each) {
  // Positions are told for the route without the job itself.
  const without = (routesNow()[each.crew] ?? []).filter((id) => id !== job);
  const next = without[each.position];
  const whole = routesNow()[each.crew] ?? [];
  const position = next === undefined ? whole.length : whole.indexOf(next);
  const late = each.delayed.length ? ` · ${t("hand.delays", { n: each.delayed.length })}` : "";
  return h(
    "button",
    { type: "button", onclick: () => showMove(job, from, each.crew, position) },
    h("b", {}, crewName(each.crew)),
    ` ${clock(each.start)} · ${signed(each.cost)}${late}`,
  );
}

function anyCrew(job, from) {
  const list = h(
    "select",
    { "aria-label": t("hand.any") },
    h("option", { value: "" }, t("hand.any")),
    day.crews.map((crew) => h("option", { value: crew.id }, crewName(crew.id))),
  );
  list.addEventListener(
    "change",
    () => list.value && showMove(job, from, list.value, (routesNow()[list.value] ?? []).length),
  );
  return h("p", {}, list);
}

/** Let Escape close the panel and bring the keys back to the board. */
export function handPanel() {
  dialog?.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      dialog.close();
    }
  });
  dialog?.addEventListener("close", () => (turn += 1));
}
