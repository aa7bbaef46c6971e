// A job dragged on the time board: what the move would do is told while the mouse is still down.
import { day } from "./day.js";
import { h } from "./dom.js";
import { showMove } from "./hand.js";
import { crewName, signed } from "./names.js";
import { lanes, timeAt } from "./timeboard.js";
import { movable, moved, tried } from "./trying.js";
import { t } from "./words.js";
import { timeForm } from "./work.js";

const LEAST_PX = 5;
const LEAST_MOVED_S = 240;
const box = document.getElementById("timeboard");
let held = null;
let justDragged = false;

/** Whether somebody holds a job now, so that nothing is drawn anew under the mouse. */
export const dragging = () => held?.ghost !== undefined;

export function dragJobs() {
  box.addEventListener("pointerdown", down);
  box.addEventListener("pointermove", over);
  box.addEventListener("pointerup", up);
  box.addEventListener("pointercancel", drop);
  box.addEventListener("click", (event) => justDragged && event.stopPropagation(), { capture: true });
  addEventListener("keydown", (event) => event.key === "Escape" && dragging() && drop());
}

function down(event) {
  justDragged = false;
  const bar = event.target.closest("[data-job]");
  if (event.button !== 0 || !bar || !movable(bar.dataset.job)) return;
  const row = bar.closest(".tb-row");
  const start = day.crew.get(crewOf(row))?.stops.find((stop) => stop.job === bar.dataset.job)?.start ?? 0;
  held = {
    job: bar.dataset.job,
    bar,
    grabbed: timeAt(row, event.clientX) - start,
    x: event.clientX,
    y: event.clientY,
    from: crewOf(bar.closest(".tb-row")),
    pointer: event.pointerId,
  };
}

const crewOf = (row) => [...lanes].find(([, lane]) => lane === row)?.[0] ?? "";

function over(event) {
  if (!held) return;
  if (!held.ghost) {
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < LEAST_PX) return;
    box.setPointerCapture(held.pointer);
    held.ghost = h("div", { class: "tb-ghost", role: "status" }, h("b", {}, held.bar.textContent), h("small", {}, ""));
    document.body.append(held.ghost);
    held.bar.classList.add("held");
  }
  held.ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY - 30}px)`;
  aim(target(event.clientX, event.clientY));
}

/** The lane under the mouse and the place between its jobs. */
function target(x, y) {
  for (const [crew, lane] of lanes) {
    const row = lane.getBoundingClientRect();
    if (y < row.top || y >= row.bottom) continue;
    const passed = [...lane.querySelectorAll("[data-job]")].filter((bar) => {
      const at = bar.getBoundingClientRect();
      return at.left + at.width / 2 < x;
    });
    return { crew, lane, position: passed.length, at: timeAt(lane, x) };
  }
  return null;
}

function aim(found) {
  const same = found && held.to && found.crew === held.to.crew && found.position === held.to.position;
  if (same || (!found && !held.to)) return;
  held.to?.lane.classList.remove("aimed");
  found?.lane.classList.add("aimed");
  held.to = found;
  held.known = null;
  if (found) tell(held, found);
}

async function tell(mine, to) {
  const note = mine.ghost.querySelector("small");
  note.textContent = crewName(to.crew);
  const found = await tried(moved(mine.job, mine.from, to.crew, to.position)).catch(() => null);
  if (!found || mine.to !== to) return;
  mine.known = found;
  const broken = found.fresh.length ? ` · ${t("hand.breaks", { n: found.fresh.length })}` : "";
  note.textContent = `${crewName(to.crew)} ${signed(found.cost)}${broken}`;
  note.className = found.fresh.some((each) => !each.allowed) ? "wrong" : "";
}

function up() {
  if (!held) return;
  const { job, from, to, known, ghost, grabbed } = held;
  drop();
  if (!ghost || !to) return;
  justDragged = true;
  const stops = day.crew.get(to.crew)?.stops ?? [];
  const at = stops.findIndex((stop) => stop.job === job);
  const stays = to.crew === from && (to.position === at || to.position === at + 1);
  // In its own place a job is put to the time where it was let go.
  if (stays) {
    const later = to.at - grabbed - (stops[at]?.start ?? to.at);
    if (Math.abs(later) > LEAST_MOVED_S) timeForm(day.job.get(job), Math.round((stops[at].start + later) / 300) * 300);
  } else showMove(job, from, to.crew, to.position, known);
}

function drop() {
  held?.ghost?.remove();
  held?.bar.classList.remove("held");
  held?.to?.lane.classList.remove("aimed");
  held = null;
}
