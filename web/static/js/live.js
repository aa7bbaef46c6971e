// The running day: what changed is fetched once, and every view is told what kind of news it is.
import { ask, send } from "./api.js";
import { day, selection, select, take, tell } from "./day.js";
import { perFrame } from "./dom.js";
import { setClock } from "./format.js";
import { listen } from "./stream.js";

const told = document.getElementById("live");
/** What the page was told of the live day and of who looks; null for a plan that was only read. */
export const live = told ? JSON.parse(told.textContent) : null;
export const state = { seq: 0, now: 0, plan: null, published: null, proposal: null, order: new Map(), job: new Map(), crew: new Map(), unread: [], wishes: [], changes: [], dangers: [], waiting: [], lost: null };

let shown = "";
let busy = false;
let again = false;
let showBoard = async () => {};

const versionOf = (data) => `${data.plan ?? 0}/${data.proposal ?? 0}`;

function takeState(data) {
  Object.assign(state, data, {
    order: new Map(data.orders.map((row) => [row.id, row])),
    job: new Map(data.jobs.map((row) => [row.id, row])),
    crew: new Map(data.crews.map((row) => [row.id, row])),
    read_ms: Date.now(),
  });
}

/** The desk's clock, in seconds since 1970: it goes on between two pieces of news. */
export function deskS() {
  if (!live) return day.case.now;
  return live.stands ? state.now : state.now + (Date.now() - state.read_ms) / 1000;
}

/** Read the states for the first time; `board` brings a new board on the screen. */
export async function startLive(board) {
  if (!live) return;
  showBoard = board;
  takeState(await ask("/state"));
  shown = versionOf(state);
}

/** Hear of what happens from now on. */
export function goLive() {
  if (!live) return;
  listen(state.seq, (news) => {
    if (news.kind === "down") state.lost = deskS();
    if (news.kind === "up") state.lost = null;
    if (news.kind === "change" || news.kind === "up") refreshSoon();
    else tell("state");
  });
}

const refreshSoon = perFrame(() => refresh());

/** Fetch what is new; news that comes meanwhile is fetched right after. */
export async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    do {
      again = false;
      const data = await ask("/state");
      takeState(data);
      if (versionOf(data) !== shown) {
        shown = versionOf(data);
        const board = await ask("/board");
        keepSelection(board);
        await showBoard(board);
        tell("board");
      }
      setClock(day.case.zone, deskS());
      tell("state");
    } while (again);
  } catch (error) {
    // The stream says that the connection is lost; when it is back, everything is fetched.
    console.warn(error);
  } finally {
    busy = false;
  }
}

function keepSelection(data) {
  const { kind, id } = selection;
  take(data);
  if (kind && !day[kind]?.has(id)) select(null, null, "news");
}

/** Change something, then show what is true now. */
export async function act(path, body, headers) {
  try {
    return await send(path, body, headers);
  } finally {
    await refresh();
  }
}

/** The state of a job's order, and of the job itself. */
export const orderOf = (job) => state.order.get(job.order) ?? null;
export const ENDED = new Set(["closed", "callback_done"]);
const FIELD = new Set(["on_the_way", "on_site", "safe", "done", "cannot"]);

/** One word for where a job stands: what the crew says of it, else its order's state. */
export function stateOf(job) {
  if (!live) return null;
  const own = state.job.get(job.id)?.state;
  const order = orderOf(job)?.state ?? (job.fresh ? "new" : "received");
  if (own && FIELD.has(own) && !ENDED.has(order) && order !== "restored") return own;
  return order;
}
