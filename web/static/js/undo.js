// What was in force before each change by hand, so that it can be put back, and put forth again.
import { day, on } from "./day.js";
import { announce } from "./dom.js";
import { act, live, state } from "./live.js";
import { reasonOf } from "./states.js";
import { t } from "./words.js";

const before = [];
const after = [];

/** The routes in force: job ids in order, by crew. */
export function routesNow() {
  return Object.fromEntries(day.crews.filter((crew) => crew.stops.length).map((crew) => [crew.id, crew.stops.map((stop) => stop.job)]));
}

/** Note the routes before a change; `keep()` once it was made. */
export function remember() {
  const routes = routesNow();
  return { keep: () => {
    before.push(routes);
    after.length = 0;
    paint();
  } };
}

/** Routes as far as their jobs are still there. */
function stillThere(routes) {
  const kept = Object.entries(routes).map(([crew, jobs]) => [crew, jobs.filter((id) => day.job.has(id) && !day.job.get(id).fresh)]);
  return Object.fromEntries(kept);
}

async function back(from, to, reason) {
  const routes = from.pop();
  if (!routes || !live?.may) return;
  const now = routesNow();
  try {
    await act("/plans/routes", { routes: stillThere(routes), reason, seen: state.plan });
    to.push(now);
    announce(reason);
  } catch (error) {
    from.push(routes);
    const said = document.getElementById("link");
    said.textContent = reasonOf(error);
    said.classList.add("wrong");
  }
  paint();
}

export const undo = () => back(before, after, t("hand.undo"));
export const redo = () => back(after, before, t("hand.redo"));

function paint() {
  document.getElementById("undo").disabled = !before.length;
  document.getElementById("redo").disabled = !after.length;
}

export function undoButtons() {
  document.getElementById("undo").addEventListener("click", undo);
  document.getElementById("redo").addEventListener("click", redo);
  on("board", paint);
}
