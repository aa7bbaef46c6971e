// The running day as it was last heard of: the state, the clock, and where each job stands in it.
import { day } from "./day.js";

const told = document.getElementById("live");

/** What the page was told of the live day and of who looks; null for a plan that was only read. */
export const live = told ? JSON.parse(told.textContent) : null;

export const state = {
  seq: 0,
  now: 0,
  plan: null,
  published: null,
  proposal: null,
  order: new Map(),
  job: new Map(),
  crew: new Map(),
  stay: new Map(),
  supply: new Map(),
  promised: new Map(),
  vehicle: new Map(),
  figures: null,
  unread: [],
  planner_gone: null,
  troubles: [],
  duty: null,
  weather: [],
  wishes: [],
  changes: [],
  dangers: [],
  tickets: [],
  waiting: [],
  unattended: null,
  lost: null,
  spread_ms: null,
};

/** The desk's clock, in seconds since 1970: it goes on between two pieces of news. */
export function deskS() {
  if (!live) return day.case.now;
  return live.stands ? state.now : state.now + (Date.now() - state.read_ms) / 1000;
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
