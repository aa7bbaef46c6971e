// What was in force before each change by hand, so that it can be put back, and put forth again.
// Kept for as long as the tab is open; what somebody else has published since is never undone with it.
import { day, on } from "./day.js";
import { announce } from "./dom.js";
import { act, settled } from "./live.js";
import { reasonIn } from "./refusing.js";
import { live, state } from "./state.js";
import { routesNow } from "./trying.js";
import { t } from "./words.js";

const MOST = 30;
const KEPT = `gridcrew-undo ${live?.name ?? ""}`;
const { before, after } = read();

function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (Array.isArray(kept?.before) && Array.isArray(kept?.after)) return kept;
  } catch {
    /* nothing is kept, or it cannot be read: begin anew */
  }
  return { before: [], after: [] };
}

function keep() {
  for (const stack of [before, after]) stack.splice(0, stack.length - MOST);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ before, after }));
  } catch {
    /* without room for it, it lasts until the page is left */
  }
}

/** Whether the change on top of a stack is still the last one that anybody has published. */
const mine = (stack) => stack.at(-1)?.made === state.plan;

/** What takes edits of the work back: what stands there now, or nothing. */
function inverse(edits) {
  return edits.map(({ subject, what }) => ({
    subject,
    what,
    data: state.changes.find((each) => each.subject === subject && each.what === what)?.data ?? null,
  }));
}

/** Note the routes, and the work that is about to change; `keep(subjects)` once it was made. */
export function remember(edits = []) {
  const noted = { routes: routesNow(), edits: inverse(edits), base: state.plan };
  return {
    keep: (subjects = []) => {
      noted.edits.forEach((each, i) => (each.subject = subjects[i] ?? each.subject));
      before.push({ ...noted, made: state.plan });
      after.length = 0;
      keep();
      paint();
    },
  };
}

/** Routes as far as their jobs are still there, or come back with the work. */
function stillThere({ routes, edits }) {
  const comes = (id) => edits.some(({ subject }) => id === subject || id.startsWith(`${subject}.`));
  const kept = Object.entries(routes).map(([crew, jobs]) => [
    crew,
    jobs.filter((id) => comes(id) || (day.job.has(id) && !day.job.get(id).fresh)),
  ]);
  return Object.fromEntries(kept);
}

async function back(from, to, reason) {
  // The stream may show a change before its own answer has come: that change is the one that is meant.
  await settled();
  if (!live?.may || !from.length || !mine(from)) return;
  const noted = from.pop();
  const now = { routes: routesNow(), edits: inverse(noted.edits), base: state.plan };
  try {
    await act("/plans/routes", { routes: stillThere(noted), edits: noted.edits, reason, seen: state.plan });
    to.push({ ...now, made: state.plan });
    // What was done before this is again the last change.
    const next = from.at(-1);
    if (next?.made === noted.base) next.made = state.plan;
    announce(reason);
  } catch (error) {
    from.push(noted);
    const said = document.getElementById("link");
    said.textContent = reasonIn(error);
    said.classList.add("wrong");
  }
  keep();
  paint();
}

export const undo = () => back(before, after, t("hand.undo"));
export const redo = () => back(after, before, t("hand.redo"));

function paint() {
  for (const [id, stack, key] of [
    ["undo", before, "u"],
    ["redo", after, "U"],
  ]) {
    const button = document.getElementById(id);
    button.disabled = !mine(stack);
    button.title = stack.length && !mine(stack) ? t("hand.others_since") : `${t(`hand.${id}`)} (${key})`;
  }
}

export function undoButtons() {
  document.getElementById("undo").addEventListener("click", undo);
  document.getElementById("redo").addEventListener("click", redo);
  on("board", paint);
  on("state", paint);
  paint();
}
