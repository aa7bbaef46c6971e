// What a change by hand would do, asked before it is made: routes, cost, rules that it breaks.
import { send } from "./api.js";
import { day } from "./day.js";
import { h } from "./dom.js";
import { crewName, signed, title } from "./names.js";
import { live, state } from "./state.js";
import { t, word } from "./words.js";

let before = { plan: null, broken: new Set() };

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

/** The routes in force: job ids in order, by crew. */
export function routesNow() {
  return Object.fromEntries(
    day.crews.filter((crew) => crew.stops.length).map((crew) => [crew.id, crew.stops.map((stop) => stop.job)]),
  );
}
