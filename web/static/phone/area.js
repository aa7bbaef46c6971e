// The map without signal: streets, grid, route and the phone's own place, out of one packed file.
import { unpack, worldPixel } from "../js/lines.js";
import { keep, kept } from "./queue.js";
import { h, t } from "./parts.js";

const MAGIC = "GCA1";
const ZOOM = { least: 10, most: 19, start: 16 };
const PENS = {
  roads: [
    { width: 5, far: 2, colour: "--road-main" },
    { width: 4, far: 1.4, colour: "--road-main" },
    { width: 2.5, far: 0.7, colour: "--road" },
  ],
  grid: [
    { width: 2, far: 1, colour: "--grid" },
    { width: 4, far: 2.5, colour: "--alarm" },
  ],
};
const NAMES_FROM = 15.5;
const BIN = 64;
const TAP_PX = 8;

const seen = { plan: null, area: null, x: 0, y: 0, zoom: ZOOM.start, place: null, watch: 0, stop: null };
const fingers = new Map();
let canvas;

/** Fetch the file of this plan and keep it on the phone; whether it is new. */
export async function keepArea(queue, route) {
  const have = await kept("area");
  if (have?.plan === route.plan && have.crew === route.crew.id) return false;
  const answer = await queue.ask("/api/v1/phone/area");
  await keep("area", { plan: route.plan, crew: route.crew.id, buffer: await answer.arrayBuffer() });
  return true;
}

/** The map around a stop, as an element that stays the same while it is open. */
export function areaPanel(route, stop) {
  if (!canvas) build();
  if (seen.stop !== stop.job) look(stop);
  load(route);
  watch();
  return seen.panel;
}

function build() {
  canvas = h("canvas", { class: "area", role: "img", "aria-label": t("phone.map_is"), tabindex: 0 });
  const button = (id, text, act) =>
    h(
      "button",
      { type: "button", class: "plain", id: `map-${id}`, "aria-label": t(`phone.map.${id}`), onclick: act },
      text,
    );
  const note = h("p", { class: "dim", id: "map-note" }, "");
  seen.panel = h(
    "div",
    { class: "map" },
    canvas,
    h(
      "div",
      { class: "row" },
      button("closer", "+", () => zoomBy(1)),
      button("wider", "−", () => zoomBy(-1)),
      button("me", "◎", () => seen.place && goTo(...seen.place)),
      button("stop", "①", () => seen.at && goTo(...seen.at)),
    ),
    note,
  );
  seen.note = note;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  canvas.addEventListener("pointermove", drag);
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("keydown", walk);
  new ResizeObserver(later).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
}

function look(stop) {
  seen.stop = stop.job;
  seen.at = [stop.lon, stop.lat];
  seen.zoom = ZOOM.start;
  goTo(stop.lon, stop.lat);
}

function goTo(lon, lat) {
  [seen.x, seen.y] = worldPixel(lon, lat);
  later();
}

async function load(route) {
  if (seen.plan === route.plan && seen.area) return later();
  const have = await kept("area");
  seen.note.textContent = have ? "" : t("phone.map_missing");
  if (!have) return;
  seen.area = read(have.buffer);
  seen.plan = have.plan;
  if (have.plan !== route.plan) seen.note.textContent = t("phone.map_older");
  later();
}

function read(buffer) {
  const head = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw new Error(`a map file begins with ${magic}`);
  const sizes = [0, 1, 2].map((part) => head.getUint32(4 + 4 * part, true));
  const begins = [16, 16 + sizes[0], 16 + sizes[0] + sizes[1]];
  const [roads, grid, rest] = begins.map((begin, part) => buffer.slice(begin, begin + sizes[part]));
  const told = JSON.parse(new TextDecoder().decode(rest));
  return { roads: unpack(roads), grid: unpack(grid), ...told, drives: told.drives.map(drive) };
}

function drive(steps) {
  const points = [];
  let [lon, lat] = [0, 0];
  for (let i = 0; i < steps.length; i += 2) {
    lon += steps[i];
    lat += steps[i + 1];
    points.push(worldPixel(lon / 1e5, lat / 1e5));
  }
  return points;
}

// Where the phone is: drawn here, sent nowhere.
function watch() {
  if (seen.watch || !navigator.geolocation) return;
  seen.watch = navigator.geolocation.watchPosition(
    ({ coords }) => {
      seen.place = [coords.longitude, coords.latitude];
      seen.metres = coords.accuracy;
      later();
    },
    () => {},
    { enableHighAccuracy: true, maximumAge: 10_000 },
  );
}

/** No place is asked for while no map is looked at. */
export function closeArea() {
  if (seen.watch) navigator.geolocation.clearWatch(seen.watch);
  seen.watch = 0;
}

function drag(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  event.preventDefault();
  const now = [event.clientX, event.clientY];
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  fingers.set(event.pointerId, now);
  if (other) return pinch(before, now, other);
  if (fingers.size === 1) shift(before[0] - now[0], before[1] - now[1]);
}

function pinch(before, now, other) {
  const apart = (a, b) => Math.max(TAP_PX, Math.hypot(a[0] - b[0], a[1] - b[1]));
  zoomBy(Math.log2(apart(now, other) / apart(before, other)));
}

const scale = () => 2 ** (seen.zoom - 12);

function shift(dx, dy) {
  seen.x += dx / scale();
  seen.y += dy / scale();
  later();
}

function zoomBy(steps) {
  seen.zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, seen.zoom + steps));
  later();
}

function walk(event) {
  const by = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] }[event.key];
  if (by) shift(...by);
  else if (event.key === "+") zoomBy(1);
  else if (event.key === "-") zoomBy(-1);
  else return;
  event.preventDefault();
}

let waits = 0;
function later() {
  waits ||= requestAnimationFrame(() => {
    waits = 0;
    if (canvas.isConnected) paint();
  });
}

function paint() {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const g = canvas.getContext("2d");
  g.scale(ratio, ratio);
  const style = getComputedStyle(document.body);
  const colour = (name) => style.getPropertyValue(name).trim();
  const on = (x, y) => [(x - seen.x) * scale() + width / 2, (y - seen.y) * scale() + height / 2];
  const page = { g, width, height, colour, on, at: (lon5, lat5) => on(...worldPixel(lon5 / 1e5, lat5 / 1e5)) };
  g.fillStyle = colour("--panel");
  g.fillRect(0, 0, width, height);
  if (seen.area) area(page, seen.area);
  if (seen.place) me(page);
  canvas.dataset.drawn = seen.area ? "1" : "0";
}

function area(page, { roads, grid, drives, stops, depot, switches }) {
  lines(page, roads, PENS.roads);
  // Below the grid: lines often run along the very street that is driven.
  for (const points of drives) way(page, points);
  lines(page, grid, PENS.grid);
  for (const each of switches) device(page, each);
  if (depot) spot(page, page.at(depot[1], depot[2]), "■", page.colour("--dim"));
  stops.forEach(([job, lon5, lat5], nr) =>
    spot(page, page.at(lon5, lat5), String(nr + 1), page.colour(job === seen.stop ? "--alarm" : "--ink")),
  );
}

// Only what lies in view, by the bins that the lines were sorted into.
function lines({ g, width, height, colour, on }, all, pens) {
  const found = inView(all, width, height);
  g.lineCap = "round";
  pens.forEach((pen, rank) => {
    g.strokeStyle = colour(pen.colour);
    g.lineWidth = seen.zoom >= 15 ? pen.width : pen.far;
    g.beginPath();
    for (const i of found) {
      if (all.rank[i] !== rank) continue;
      g.moveTo(...on(all.x[2 * i] + all.x0, all.y[2 * i] + all.y0));
      g.lineTo(...on(all.x[2 * i + 1] + all.x0, all.y[2 * i + 1] + all.y0));
    }
    g.stroke();
  });
}

function inView(all, width, height) {
  const [dx, dy] = [width / 2 / scale(), height / 2 / scale()];
  const bin = (value) => Math.floor(value / BIN);
  const found = new Set();
  for (let column = bin(seen.x - dx - all.x0); column <= bin(seen.x + dx - all.x0); column++)
    for (let row = bin(seen.y - dy - all.y0); row <= bin(seen.y + dy - all.y0); row++)
      for (const i of all.bins.get(column * 1e6 + row) ?? []) found.add(i);
  return found;
}

function way({ g, colour, on }, points) {
  g.strokeStyle = colour("--way");
  g.lineWidth = 8;
  g.lineJoin = "round";
  g.beginPath();
  points.forEach(([x, y], nr) => (nr ? g.lineTo(...on(x, y)) : g.moveTo(...on(x, y))));
  g.stroke();
}

function device(page, [name, lon5, lat5, open]) {
  const { g, colour } = page;
  const [x, y] = page.at(lon5, lat5);
  g.fillStyle = open ? colour("--panel") : colour("--grid");
  g.strokeStyle = colour("--grid");
  g.lineWidth = 2;
  g.beginPath();
  g.rect(x - 5, y - 5, 10, 10);
  g.fill();
  g.stroke();
  if (seen.zoom >= NAMES_FROM) label(page, name, x + 9, y);
}

function label({ g, colour }, text, x, y) {
  g.font = "600 13px system-ui, sans-serif";
  g.textBaseline = "middle";
  g.textAlign = "left";
  g.lineWidth = 4;
  g.strokeStyle = colour("--panel");
  g.strokeText(text, x, y);
  g.fillStyle = colour("--ink");
  g.fillText(text, x, y);
}

function spot({ g, colour }, [x, y], text, fill) {
  g.fillStyle = fill;
  g.beginPath();
  g.arc(x, y, 14, 0, 7);
  g.fill();
  g.fillStyle = colour("--panel");
  g.font = "700 15px system-ui, sans-serif";
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.fillText(text, x, y + 1);
}

function me(page) {
  const { g } = page;
  const [x, y] = page.on(...worldPixel(...seen.place));
  const metrePx = (scale() * 2 ** 20) / (40_075_017 * Math.cos((seen.place[1] * Math.PI) / 180));
  g.fillStyle = "#2f7de133";
  g.beginPath();
  g.arc(x, y, Math.min(400, Math.max(10, (seen.metres ?? 0) * metrePx)), 0, 7);
  g.fill();
  g.fillStyle = "#2f7de1";
  g.strokeStyle = "#fff";
  g.lineWidth = 3;
  g.beginPath();
  g.arc(x, y, 9, 0, 7);
  g.fill();
  g.stroke();
}
