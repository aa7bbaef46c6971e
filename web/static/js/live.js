// The running day: what changed is fetched once, and every view is told what kind of news it is.
import { ask, send } from "./api.js";
import { day, select, selection, take, tell } from "./day.js";
import { perFrame } from "./dom.js";
import { expect } from "./expected.js";
import { setClock } from "./format.js";
import { deskS, live, state, stateOf } from "./state.js";
import { listen } from "./stream.js";

// A new proposal can wait a moment: fifty boards that read it at once would hold up the calls that come in.
// The server says for how long; until it does:
const SPREAD_MS = 500;
let shown = "";
let boardDue = 0;
let showing = null; // the work of `refresh`, while it goes on
let again = false;
/** @type {(board: object, published?: boolean) => Promise<void>} */
let showBoard = async () => {};

const KEYED = {
  orders: "order",
  jobs: "job",
  crews: "crew",
  stays: "stay",
  supplies: "supply",
  promised: "promised",
  vehicles: "vehicle",
};
const EXPECTED = ["stays", "supplies", "promised"];
const versionOf = (data) => `${data.plan ?? 0}/${data.proposal ?? 0}`;

const byId = (rows) => new Map(rows.map((row) => [row.id, row]));

let unexpected = true; // something is expected otherwise than what is shown

function takeState(data) {
  const tables = Object.entries(KEYED).map(([name, kept]) => [kept, byId(data[name])]);
  Object.assign(state, data, Object.fromEntries(tables), { read_ms: Date.now() });
  unexpected = true;
}

/** Make one state out of the one before: rows by their id, all else whole. False where a step is missing. */
function takeChange({ from, rows, events, ...rest }) {
  if (rest.seq <= state.seq) return true;
  if (from !== state.seq) return false;
  unexpected ||= "figures" in rest || EXPECTED.some((name) => name in rows);
  for (const [name, { set, gone }] of Object.entries(rows)) {
    const known = name in KEYED ? state[KEYED[name]] : byId(state[name]);
    for (const id of gone) known.delete(id);
    for (const row of set) known.set(row.id, row);
    if (!(name in KEYED)) state[name] = [...known.values()].sort(newestFirst);
  }
  Object.assign(state, rest, { read_ms: Date.now() });
  return true;
}

const newestFirst = (a, b) => b.at - a.at || (a.id < b.id ? 1 : -1);

/** Take what is new since the state that is here, or the whole state. */
async function takeNews() {
  const data = await ask(`/state?since=${state.seq}`);
  if (!data.changes) takeState(data);
  else if (!data.changes.every(takeChange)) takeState(await ask("/state"));
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
    if (news.kind === "health") {
      state.troubles = news.troubles;
      tell("state");
      return;
    }
    if (news.kind === "change" && !showing && takeChange(news.change)) showSoon();
    else if (news.kind !== "down") refreshSoon();
    else tell("state");
  });
}

const refreshSoon = perFrame(() => refresh());
const showSoon = perFrame(() => refresh(async () => {}));

const isPublished = () => shown.split("/")[0] !== String(state.plan ?? 0);

/** Show what is true now, fetched with `get`; what comes meanwhile is fetched right after, and waited for. */
export function refresh(get = takeNews, proposal = false) {
  if (showing) again = true;
  else
    showing = show(get, proposal).finally(() => {
      showing = null;
      return again ? refresh() : undefined;
    });
  return showing;
}

async function show(get, proposal) {
  try {
    do {
      again = false;
      await get();
      get = takeNews;
      if (isPublished() || (proposal && versionOf(state) !== shown)) await newBoard();
      else if (versionOf(state) !== shown) boardSoon();
      setClock(day.case.zone, deskS());
      if (unexpected) {
        unexpected = false;
        expect();
        tell("expected");
      }
      markEnded();
      tell("state");
    } while (again);
  } catch (error) {
    // The stream says that the connection is lost; when it is back, everything is fetched.
    console.warn(error);
  }
}

async function newBoard() {
  const published = isPublished();
  shown = versionOf(state);
  const board = await ask("/board");
  keepSelection(board);
  await showBoard(board, published);
  tell("board");
}

function boardSoon() {
  boardDue ||= setTimeout(
    () => {
      boardDue = 0;
      refresh(async () => {}, true);
    },
    Math.random() * (state.spread_ms ?? SPREAD_MS),
  );
}

function keepSelection(data) {
  const { kind, id } = selection;
  take(data);
  unexpected = false;
  markEnded();
  expect();
  if (kind && !day[kind]?.has(id)) select(null, null, "news");
}

const OVER = new Set(["closed", "callback_done", "restored", "done"]);

/** Note which jobs need nobody any more. */
export function markEnded() {
  for (const job of day.job.values()) job.ended = OVER.has(stateOf(job));
}

let acting = Promise.resolve();

/** When what is being changed has been answered and shown. */
export const settled = () => acting;

/** Change something, then show what is true now. */
export function act(path, body, headers) {
  const made = sendAndShow(path, body, headers);
  acting = made.then(
    () => {},
    () => {},
  );
  return made;
}

async function sendAndShow(path, body, headers) {
  try {
    return await send(path, body, headers);
  } finally {
    // Who does something sees at once what became of it; only news of others can wait.
    await refresh(takeNews, true);
  }
}
