// Vehicles on the map: where each was last, how long ago, which way it drives, and the way that is left.
import { day } from "./day.js";
import { both, clock, span } from "./format.js";
import { crewName, title } from "./names.js";
import { deskS, live, state } from "./state.js";
import { t } from "./words.js";

const BODY_PX = 9;
// How strongly a place is drawn by its age in minutes; none looks like news that is an hour old.
const FADES = [
  [5, 1],
  [15, 0.8],
  [60, 0.55],
  [Infinity, 0.35],
];
const SAY_AGE_MIN = 10;
const LEAST_MOVE = 0.0002; // degrees, some 20 m: less is no direction

/** Vehicles that may be shown: crews on shift that the board knows. */
export const vehicles = () => (live ? [...state.vehicle.values()].filter((each) => day.crew.has(each.id)) : []);

const ageMin = (vehicle) => Math.max(0, (deskS() - vehicle.at) / 60);

/** What is left of a crew's stops. */
export const ahead = (crew) => crew.stops.filter((stop) => !stop.done);

/** The stop that a crew drives to or is at. */
const nextStop = (crew) => ahead(crew)[0];

/** Which way a vehicle points, in radians clockwise from north: as it drove, else towards its next stop. */
export function heading({ id, place, before }) {
  const stop = nextStop(day.crew.get(id));
  if (stop?.here) return null;
  const driven =
    before && Math.hypot(place[0] - before[0], place[1] - before[1]) >= LEAST_MOVE ? [before, place] : null;
  const goal = stop && day.job.get(stop.job);
  const [from, to] = driven ?? [place, goal && !goal.remote ? goal.at : place];
  const [east, north] = [(to[0] - from[0]) * Math.cos((from[1] * Math.PI) / 180), to[1] - from[1]];
  return east || north ? Math.atan2(east, north) : null;
}

/** "7" of "Crew 7": what fits on a vehicle. */
const short = (crew) => crewName(crew.id).match(/\d+(?!.*\d)/)?.[0] ?? crewName(crew.id).slice(0, 2);

/** Draw one vehicle on a canvas, with its age where that matters. */
export function drawVehicle(g, vehicle, [x, y], { colours, picked, dimmed, scale }) {
  const age = ageMin(vehicle);
  const shown = FADES.find(([most]) => age <= most)[1];
  g.save();
  g.translate(x, y);
  g.scale(scale, scale);
  g.globalAlpha = dimmed ? 0.3 : picked ? 1 : shown;
  const way = heading(vehicle);
  if (way !== null) pointer(g, way, colours);
  g.beginPath();
  g.arc(0, 0, BODY_PX, 0, 2 * Math.PI);
  g.fillStyle = picked ? colours.pick : colours.raised;
  g.strokeStyle = colours.ink;
  g.lineWidth = 2;
  g.fill();
  g.stroke();
  g.fillStyle = colours.ink;
  g.font = `700 10px ${colours.font}`;
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillText(short(day.crew.get(vehicle.id)), 0, 0.5);
  if (picked || (age >= SAY_AGE_MIN && scale > 1)) label(g, age, colours);
  g.restore();
}

function pointer(g, way, colours) {
  g.save();
  g.rotate(way);
  g.beginPath();
  g.moveTo(0, -BODY_PX - 8);
  g.lineTo(5.5, -BODY_PX + 1);
  g.lineTo(-5.5, -BODY_PX + 1);
  g.closePath();
  g.fillStyle = colours.ink;
  g.strokeStyle = colours.ground;
  g.lineWidth = 1.5;
  g.stroke();
  g.fill();
  g.restore();
}

function label(g, age, colours) {
  const text = age < 1 ? t("span.now") : t("span.ago", { span: span(age) });
  g.font = `600 11px ${colours.font}`;
  const width = g.measureText(text).width;
  g.fillStyle = colours.raised;
  g.fillRect(BODY_PX + 5, -8, width + 8, 16);
  g.fillStyle = colours.ink;
  g.textAlign = "left";
  g.fillText(text, BODY_PX + 9, 0.5);
}

/** Where a crew was last, in words; null where nobody has said so. */
export function seenText(crew) {
  const vehicle = state.vehicle.get(crew);
  if (!live || !vehicle) return null;
  const at = both(vehicle.at);
  const job = vehicle.job && day.job.get(vehicle.job);
  return vehicle.job
    ? t("vehicle.at_job", { at, what: job ? `${title(job)}, ${job.address}` : vehicle.job })
    : t("vehicle.by_phone", { at });
}

/** What a vehicle does next, in words. */
export function goingText(crew) {
  const stop = nextStop(day.crew.get(crew));
  const job = stop && day.job.get(stop.job);
  if (!job) return t("vehicle.nothing");
  const what = `${title(job)}, ${job.address}`;
  if (stop.here) return t("vehicle.works", { what });
  return stop.arrive ? t("vehicle.drives", { what, at: clock(stop.arrive) }) : what;
}
