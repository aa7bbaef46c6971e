// The board: three views of one day, put up as the data arrive.
import { showAttention } from "./attention.js";
import { callForm, takeCall } from "./calls.js";
import { day, filter, on, select, selection, take, tell } from "./day.js";
import { showDetail } from "./detail.js";
import { announce, perFrame } from "./dom.js";
import { dragging, dragJobs } from "./drag.js";
import { expect, keepExpecting } from "./expected.js";
import { chosen, clearChoices, moreFilters, wall, wallWanted } from "./filters.js";
import { setClock } from "./format.js";
import { closeRoad, followFound } from "./found.js";
import { chooseCrew, handPanel } from "./hand.js";
import { showList, step, toggleClass } from "./joblist.js";
import { bind } from "./keys.js";
import { goLive, markEnded, startLive } from "./live.js";
import { fitAll, follow, resized, showDrives, showLines, showMap, zoomBy } from "./map.js";
import { crewName } from "./names.js";
import { followProposal, openProposal } from "./proposal.js";
import { dividers } from "./sizes.js";
import { deskS, live } from "./state.js";
import { showStrip } from "./strip.js";
import { alongRoute, showTimeboard, timeLegend, timeResized, zoomTime } from "./timeboard.js";
import { redo, undo } from "./undo.js";
import { showWeather } from "./weather.js";
import { divertFirst } from "./urgent.js";
import { t } from "./words.js";
import { addWork, workMenu } from "./work.js";

const API = "/api/v1";

async function fetched(path) {
  const answer = await fetch(API + path, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

async function start() {
  const [board, roads] = [fetched("/board"), fetched("/map/roads")];
  const [data] = [await (await board).json(), await startLive(news)];
  take(data);
  if (live) markEnded();
  expect();
  setClock(data.case.zone, deskS());
  document.documentElement.classList.toggle("wall", wallWanted());
  dividers(perFrame(changed));
  showAttention();
  showList();
  showTimeboard(dragging);
  timeLegend();
  showDetail();
  showMap();
  moreFilters();
  liveParts();
  performance.mark("board-listed");
  showLines("roads", await (await roads).arrayBuffer());
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      performance.mark("board-useful");
      document.documentElement.dataset.ready = "useful";
      fromAddress();
      more();
    }),
  );
}

function liveParts() {
  if (!live) return;
  followProposal();
  showStrip();
  showWeather();
  callForm();
  handPanel();
  followFound();
  if (live.may) dragJobs();
  document.getElementById("wall").addEventListener("click", toWall);
  document.getElementById("add-work")?.addEventListener("click", addWork);
  goLive();
  keepExpecting();
}

function toWall() {
  wall(changed);
  fitAll();
}

/** A proposal has come or gone; where another plan is in force, its drives and the lines without supply follow. */
async function news(data, published) {
  performance.mark("board-news");
  setClock(data.case.zone, deskS());
  // Lists and bars first: the drives take longer to be worked out.
  if (published) more().catch((error) => console.warn(error));
}

async function more() {
  showLines("grid", await (await fetched("/map/grid")).arrayBuffer());
  showDrives(await (await fetched("/map/drives")).json());
  performance.mark("board-complete");
  document.documentElement.dataset.ready = "complete";
}

function changed() {
  resized();
  timeResized();
}

function fromAddress() {
  const [kind, id] = location.hash.slice(1).split("=");
  if (["job", "crew", "outage", "plan"].includes(kind) && id) select(kind, decodeURIComponent(id), "address");
}

function keyboard() {
  // What only looks may be held; what changes something is done once for each time that it is pressed.
  const held = { repeat: true };
  bind("j", () => step(1), held);
  bind("k", () => step(-1), held);
  bind("]", () => alongRoute(1), held);
  bind("[", () => alongRoute(-1), held);
  bind("/", () => document.getElementById("filter").focus());
  bind("f", () => (selection.kind ? follow(true) : fitAll()));
  bind("0", () => {
    zoomTime(0);
    fitAll();
  });
  bind("+", () => zoomTime(1.25), held);
  bind("-", () => zoomTime(0.8), held);
  bind(".", () => zoomBy(1), held);
  bind(",", () => zoomBy(-1), held);
  bind("Enter", (event) => {
    if (event.target.closest("button, a, summary, [role=separator]") || !selection.kind) return false;
    document.getElementById("detail").focus();
    return true;
  });
  bind("s", () => select("plan", "figures", "keys"));
  bind("c", () => {
    const crew = selection.kind === "job" ? day.job.get(selection.id).crews[0] : null;
    if (crew) select("crew", crew, "keys");
  });
  bind("o", () => {
    const outage = selection.kind === "job" ? day.job.get(selection.id).outage : null;
    if (outage) select("outage", outage, "keys");
  });
  bind("n", takeCall);
  bind("p", openProposal);
  bind("m", () => chooseCrew());
  bind("e", workMenu);
  bind("a", addWork);
  bind("x", closeRoad);
  bind("d", divertFirst);
  bind("u", () => live && undo());
  bind("U", () => live && redo());
  bind("w", toWall);
  for (let i = 1; i <= 5; i++) bind(String(i), () => toggleClass(`P${i}`));
  bind("Escape", () => {
    const side = document.querySelector("dialog.side[open]");
    if (side) {
      side.close();
      return true;
    }
    if (document.querySelector("dialog[open]")) return false;
    if (selection.kind) select(null, null, "keys");
    else if (filter.only || filter.classes.size || filter.text || chosen()) clearFilter();
    return true;
  });
}

function clearFilter() {
  filter.only = null;
  filter.classes.clear();
  clearChoices();
  filter.text = document.getElementById("filter").value = "";
  tell("filter");
}

document.getElementById("zoom-in").addEventListener("click", () => zoomTime(1.25));
document.getElementById("zoom-out").addEventListener("click", () => zoomTime(0.8));
document.getElementById("zoom-fit").addEventListener("click", () => zoomTime(0));
document.documentElement.addEventListener("theme", () => tell("theme"));
addEventListener("resize", perFrame(changed));
on("select", () => {
  if (selection.kind === "crew") announce(crewName(selection.id));
});
keyboard();
start().catch((error) => {
  console.error(error);
  const box = document.getElementById("attention");
  box.textContent = t("board.failed");
  box.classList.add("wrong");
});
