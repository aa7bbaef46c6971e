// The day on the screen and what is selected in it: map, time board and list all read from here.

export const day = {
  jobs: [],
  crews: [],
  outages: [],
  depots: [],
  curve: [],
  job: new Map(),
  crew: new Map(),
  outage: new Map(),
  plan: new Map(),
  proposal: new Map(),
};
export const selection = { kind: null, id: null };

const listeners = { select: [], filter: [], theme: [], board: [], state: [], expected: [], proposal: [] };

/** Take the board's data. */
export function take(data) {
  Object.assign(day, data);
  day.job = new Map(data.jobs.map((job) => [job.id, job]));
  day.jobs = data.jobs.filter((job) => !job.unused);
  day.crew = new Map(data.crews.map((crew) => [crew.id, crew]));
  day.plan = new Map([["figures", data.figures]]);
  day.proposal ??= new Map();
  day.outage = new Map(data.outages.map((outage) => [outage.id, outage]));
}

/** Run something when the selection, the filter, the theme, the board or the states change. */
export function on(what, run) {
  listeners[what].push(run);
}

export function tell(what, origin) {
  for (const run of listeners[what]) run(origin);
}

/** Select a job, a crew, an outage or the plan's figures; `origin` names the view that did it. */
export function select(kind, id, origin = "") {
  const known = kind === null || day[kind]?.has(id);
  if (!known || (selection.kind === kind && selection.id === id)) return;
  selection.kind = kind;
  selection.id = kind === null ? null : id;
  const address = kind === null ? location.pathname : `#${kind}=${encodeURIComponent(id)}`;
  history.replaceState(null, "", address);
  tell("select", origin);
}

/** Everything that belongs to the selection. */
export function related() {
  const { kind, id } = selection;
  const jobs = new Set();
  const crews = new Set();
  const outages = new Set();
  if (kind === "job") {
    const job = day.job.get(id);
    jobs.add(id);
    job.crews.forEach((crew) => crews.add(crew));
    if (job.outage) outages.add(job.outage);
  } else if (kind === "crew") {
    crews.add(id);
    day.crew.get(id).stops.forEach((stop) => jobs.add(stop.job));
  } else if (kind === "outage") {
    outages.add(id);
    day.outage.get(id).jobs.forEach((job) => jobs.add(job));
    for (const job of jobs) day.job.get(job)?.crews.forEach((crew) => crews.add(crew));
  } else if (kind === "proposal") {
    for (const move of day.proposal.get(id).moves) {
      jobs.add(move.job);
      for (const crew of [move.from_crew, move.to_crew]) if (crew) crews.add(crew);
    }
  }
  return { jobs, crews, outages };
}

/** The promise that matters most: the first that breaks, else the next that falls due. */
export function tightest(job) {
  let found = null;
  for (const promise of job.promises) {
    if (promise.slack_min === undefined) continue;
    if (found === null || promise.slack_min < found.slack_min) found = promise;
  }
  return found;
}

export const AT_RISK_MIN = 15;

/** "late", "risk", "kept" or "none". */
export function promiseState(job) {
  const promise = tightest(job);
  if (!promise) return "none";
  if (promise.slack_min < 0) return "late";
  return promise.slack_min < AT_RISK_MIN ? "risk" : "kept";
}

export const filter = { text: "", classes: new Set(), only: null, grade: "", feeder: "", area: "", crew: "" };
const EQUAL = ["grade", "feeder", "area"];

const ONLY = {
  danger: (job) => job.tier === 0 && !job.ended,
  late: (job) => promiseState(job) === "late" && !job.ended,
  risk: (job) => promiseState(job) === "risk" && !job.ended,
  left: (job) => job.dropped && !job.ended,
  grade: (job) => job.grade && !["ordinary", "welfare"].includes(job.grade),
};

/** Whether a job passes the filter. */
export function passes(job) {
  if (filter.classes.size && !filter.classes.has(job.cls)) return false;
  if (filter.only && !ONLY[filter.only](job)) return false;
  if (EQUAL.some((name) => filter[name] && job[name] !== filter[name])) return false;
  if (filter.crew && !job.crews.includes(filter.crew)) return false;
  return !filter.text || job.found.includes(filter.text);
}

export const only = (name) => day.jobs.filter(ONLY[name]);
