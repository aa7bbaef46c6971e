// What is expected now in place of what was planned: times, who is out, promises. The one place where they meet.
import { ask } from "./api.js";
import { day, tell } from "./day.js";
import { live, state } from "./state.js";

// Without news the clock goes on: crews that should have left have not.
const AGAIN_MS = 60000;
const byId = (rows) => new Map(rows.map((row) => [row.id, row]));

/** Put what the state expects over what the board has planned. */
export function expect() {
  if (!live) return;
  const reported = new Map();
  for (const row of state.stay.values()) reported.set(row.job, [...(reported.get(row.job) ?? []), row]);
  for (const crew of day.crews) for (const stop of crew.stops) expectStop(crew, stop);
  for (const job of day.job.values()) expectJob(job, reported.get(job.id) ?? []);
  for (const outage of day.outages) expectOutage(outage);
  expectCrews();
}

/** What the plan said, kept beside what is shown. */
const planned = (thing, names) => (thing.planned ??= Object.fromEntries(names.map((name) => [name, thing[name]])));

function expectStop(crew, stop) {
  const row = state.stay.get(`${crew.id} ${stop.job}`);
  Object.assign(
    stop,
    planned(stop, ["leave", "arrive", "start", "finish"]),
    { here: false, done: false, over: false },
    row && {
      leave: row.leave,
      arrive: row.arrive,
      start: row.start,
      finish: row.finish,
      here: Boolean(row.here),
      done: Boolean(row.done),
      over: Boolean(row.over),
    },
  );
}

function expectJob(job, rows) {
  Object.assign(job, planned(job, ["arrive", "start", "finish", "etr", "out", "promises"]), {
    here: rows.some((row) => row.here),
    over: rows.some((row) => row.over),
  });
  if (rows.length) {
    const stops = job.crews
      .map((crew) => day.crew.get(crew)?.stops.find((stop) => stop.job === job.id))
      .filter(Boolean);
    job.arrive = first(stops.map((stop) => stop.arrive));
    job.start = last(stops.map((stop) => stop.start));
    job.finish = last(stops.map((stop) => stop.finish));
  }
  const supply = job.outage && state.supply.get(job.outage);
  if (supply) {
    job.etr = supply.etr;
    if (job.out) job.out = supply.out;
  }
  job.promises = job.planned.promises.map((promise) => expectPromise(job, promise));
}

const first = (times) => {
  const known = times.filter((at) => at !== null);
  return known.length ? Math.min(...known) : null;
};
const last = (times) => (times.length && times.every((at) => at !== null) ? Math.max(...times) : null);

function expectPromise(job, promise) {
  const row = state.promised.get(`${job.order} ${promise.what}`);
  if (!row) return promise;
  const { expected, slack_min, ...rest } = promise;
  if (row.at === null) return rest;
  return { ...rest, expected: row.at, met: row.met, slack_min: Math.round((promise.due - row.at) / 60) };
}

function expectOutage(outage) {
  Object.assign(outage, planned(outage, ["out", "etr", "restored"]));
  const row = state.supply.get(outage.id);
  if (row) Object.assign(outage, { out: row.out, etr: row.etr, restored: row.back });
}

/** A crew is back as much later as its last visit ends later. */
function expectCrews() {
  for (const crew of day.crews) {
    const { end } = planned(crew, ["end"]);
    const stop = crew.stops.at(-1);
    crew.end = !end || !stop ? end : stop.finish === null ? null : end + stop.finish - stop.planned.finish;
  }
}

/** Ask now and then, so that what is overdue is seen without anybody saying anything. */
export function keepExpecting() {
  if (!live) return;
  setInterval(
    async () => {
      if (document.hidden || state.lost !== null) return;
      try {
        const { figures, stays, supplies, promised } = await ask("/expected");
        Object.assign(state, { figures, stay: byId(stays), supply: byId(supplies), promised: byId(promised) });
        expect();
        tell("expected");
      } catch (error) {
        console.warn(error);
      }
    },
    AGAIN_MS + Math.random() * 5000,
  );
}

/** Customers without supply now, and [moment, customers] from now on as far as the routes in force bring them back. */
export function supplyNow() {
  if (!live || !state.figures) return { out: day.figures.customers_out, curve: day.curve };
  const { out, curve, doubt } = state.figures;
  return { out, doubt, curve: [[state.now, out], ...curve] };
}
