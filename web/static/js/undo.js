// What was in force before each change by hand, so that it can be put back, and put forth again.
import { day, on } from "./day.js";
import { announce } from "./dom.js";
import { act, live, settled, state } from "./live.js";
import { reasonOf } from "./states.js";
import { t } from "./words.js";

const before = [];
const after = [];

/** The routes in force: job ids in order, by crew. */
export function routesNow() {
  return Object.fromEntries(day.crews.filter((crew) => crew.stops.length).map((crew) => [crew.id, crew.stops.map((stop) => stop.job)]));
}

/** What takes edits of the work back: what stands there now, or nothing. */
function inverse(edits) {
  return edits.map(({ subject, what }) => ({ subject, what, data: state.changes.find((each) => each.subject === subject && each.what === what)?.data ?? null }));
}

/** Note the routes, and the work that is about to change; `keep(subjects)` once it was made. */
export function remember(edits = []) {
  const noted = { routes: routesNow(), edits: inverse(edits) };
  return { keep: (subjects = []) => {
    noted.edits.forEach((each, i) => (each.subject = subjects[i] ?? each.subject));
    before.push(noted);
    after.length = 0;
    paint();
  } };
}

/** Routes as far as their jobs are still there, or come back with the work. */
function stillThere({ routes, edits }) {
  const comes = (id) => edits.some(({ subject }) => id === subject || id.startsWith(`${subject}.`));
  const kept = Object.entries(routes).map(([crew, jobs]) => [crew, jobs.filter((id) => comes(id) || day.job.has(id) && !day.job.get(id).fresh)]);
  return Object.fromEntries(kept);
}

async function back(from, to, reason) {
  // The stream may show a change before its own answer has come: that change is the one that is meant.
  await settled();
  const noted = from.pop();
  if (!noted || !live?.may) return;
  const now = { routes: routesNow(), edits: inverse(noted.edits) };
  try {
    await act("/plans/routes", { routes: stillThere(noted), edits: noted.edits, reason, seen: state.plan });
    to.push(now);
    announce(reason);
  } catch (error) {
    from.push(noted);
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
