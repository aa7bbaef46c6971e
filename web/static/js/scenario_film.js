// One made-up day as a film: crews along the roads, faults, and lights coming back. Data: dispatch/simulate/film.py.
import { h, s } from "./dom.js";
import { themeColours } from "./glyphs.js";
import { bind } from "./keys.js";
import { linesLayer, unpack } from "./lines.js";
import { language, t } from "./words.js";

const at = (id) => document.getElementById(id);
const box = at("film");
const GLOW_S = 1800; // how long a light that came back is shown
let film;
let map;
let canvas;
let colours;
let roads;
let now = 0;
let playing = false;
let last = 0;

const moment = new Intl.DateTimeFormat(language, {
  timeZone: box.dataset.zone,
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

// data, made quick to ask

function points(flat, steps) {
  const found = [];
  let [lon, lat] = [0, 0];
  for (let i = 0; i < flat.length; i += 2) {
    [lon, lat] = steps ? [lon + flat[i], lat + flat[i + 1]] : [flat[i], flat[i + 1]];
    found.push([lat / 1e5, lon / 1e5]);
  }
  return found;
}

function prepare(data) {
  for (const crew of data.crews)
    for (const leg of crew.legs) {
      leg.points = points(leg.path, true);
      leg.along = [0];
      for (let i = 1; i < leg.points.length; i++) {
        const [a, b] = [leg.points[i - 1], leg.points[i]];
        leg.along.push(leg.along[i - 1] + Math.hypot(a[0] - b[0], (a[1] - b[1]) * Math.cos((a[0] * Math.PI) / 180)));
      }
    }
  for (const area of data.areas) area.points = points(area.places, false);
  for (const zone of data.zones) zone.lines = zone.rings.map((ring) => points(ring, true));
  return data;
}

/** Where a crew is and what it does. */
function crewAt(crew) {
  if (now < crew.from_s || now > crew.to_s) return null;
  let place = [crew.place[1], crew.place[0]];
  for (const leg of crew.legs) {
    const [left, arrive, start, finish] = leg.at;
    if (now < left) break;
    if (now < arrive) return { place: along(leg, (now - left) / Math.max(1, arrive - left)), doing: "driving", leg };
    place = leg.points[leg.points.length - 1] ?? place;
    if (now < finish) return { place, doing: now < start ? "waiting" : "working" };
  }
  return { place, doing: "waiting" };
}

function along(leg, share) {
  const goal = share * leg.along[leg.along.length - 1];
  let i = 1;
  while (i < leg.along.length - 1 && leg.along[i] < goal) i++;
  if (leg.points.length < 2) return leg.points[0];
  const part = (goal - leg.along[i - 1]) / Math.max(1e-12, leg.along[i] - leg.along[i - 1]);
  const [a, b] = [leg.points[i - 1], leg.points[i]];
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
}

// drawing

function redraw() {
  const size = map.getSize();
  const ratio = Math.min(devicePixelRatio || 1, 2);
  if (canvas.width !== size.x * ratio || canvas.height !== size.y * ratio)
    [canvas.width, canvas.height] = [size.x * ratio, size.y * ratio];
  canvas.style.setProperty("width", `${size.x}px`);
  canvas.style.setProperty("height", `${size.y}px`);
  L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, size.x, size.y);
  zones(g);
  storm(g);
  const out = areas(g);
  faults(g);
  const doing = crews(g);
  at("film-clock").textContent = moment.format((film.start_s + now) * 1000);
  at("film-out").textContent = t("film.out", { n: out });
  at("film-crews").textContent = ["driving", "working", "waiting"]
    .map((each) => t(`film.${each}`, { n: doing[each] }))
    .join(" · ");
  at("moment").value = now;
  at("moment").setAttribute("aria-valuetext", `${at("film-clock").textContent}, ${at("film-out").textContent}`);
  cursor.setAttribute("x1", (now / film.end_s) * 1000);
  cursor.setAttribute("x2", (now / film.end_s) * 1000);
}

const pixel = (place) => map.latLngToContainerPoint(place);

function zones(g) {
  for (const zone of film.zones) {
    if (now < zone.from_s || now >= zone.to_s) continue;
    g.beginPath();
    for (const ring of zone.lines)
      ring.forEach((place, i) => (({ x, y }) => (i ? g.lineTo(x, y) : g.moveTo(x, y)))(pixel(place)));
    g.globalAlpha = 0.18;
    g.fillStyle = zone.kind === "flood" ? colours.P3 : colours.P2;
    g.fill();
    g.globalAlpha = 1;
    g.strokeStyle = g.fillStyle;
    g.setLineDash([6, 4]);
    g.stroke();
    g.setLineDash([]);
  }
}

function storm(g) {
  const track = film.storm?.track;
  if (!track || now < track[0][0] || now > track[track.length - 1][0]) return;
  let i = 1;
  while (i < track.length - 1 && track[i][0] < now) i++;
  const [a, b] = [track[i - 1], track[i]];
  const part = (now - a[0]) / Math.max(1, b[0] - a[0]);
  const [lon, lat] = [1, 2].map((k) => a[k] + (b[k] - a[k]) * part);
  const centre = pixel([lat, lon]);
  const radius = Math.abs(pixel([lat + film.storm.radius_km / 111.2, lon]).y - centre.y);
  g.beginPath();
  g.arc(centre.x, centre.y, radius, 0, 7);
  g.strokeStyle = colours.P3;
  g.lineWidth = 3;
  g.setLineDash([12, 8]);
  g.stroke();
  g.setLineDash([]);
  g.lineWidth = 1;
}

function areas(g) {
  let out = 0;
  const dot = map.getZoom() >= 14 ? 4 : map.getZoom() >= 12 ? 2.6 : 1.8;
  for (const area of film.areas) {
    const dark = area.out.some(([from, to]) => from <= now && now < to);
    const back = dark ? -1 : Math.max(-1, ...area.out.map(([, to]) => to).filter((to) => to <= now));
    if (dark) out += area.customers;
    else if (back < 0 || now - back > GLOW_S || back >= film.horizon_s) continue;
    g.fillStyle = dark ? colours.dead : LIGHT;
    g.globalAlpha = dark ? 0.9 : 1 - ((now - back) / GLOW_S) * 0.8;
    for (const place of area.points) {
      const { x, y } = pixel(place);
      if (x < -9 || y < -9 || x > canvas.width || y > canvas.height) continue;
      g.beginPath();
      g.arc(x, y, dark ? dot : dot * 1.7, 0, 7);
      g.fill();
    }
  }
  g.globalAlpha = 1;
  return out;
}
const LIGHT = "#f2b705";

function faults(g) {
  for (const fault of film.faults) {
    if (now < fault.at_s || (fault.mended_s !== null && now >= fault.mended_s)) continue;
    const { x, y } = pixel([fault.place[1], fault.place[0]]);
    cross(g, x, y, fault.known_s !== null && now >= fault.known_s);
  }
}

function cross(g, x, y, known) {
  g.beginPath();
  g.rect(x - 5, y - 5, 10, 10);
  g.lineWidth = 1.6;
  g.strokeStyle = known ? colours.ground : colours.P1;
  g.fillStyle = colours.P1;
  if (known) g.fill();
  g.stroke();
  g.lineWidth = 1;
}

function crews(g) {
  const doing = { driving: 0, working: 0, waiting: 0 };
  const shown = film.crews.map((crew) => ({ crew, state: crewAt(crew) })).filter((each) => each.state);
  g.strokeStyle = colours.P3;
  g.lineWidth = 2;
  g.globalAlpha = 0.45;
  for (const { state } of shown) {
    doing[state.doing]++;
    if (state.doing !== "driving") continue;
    g.beginPath();
    state.leg.points.forEach((place, i) => (({ x, y }) => (i ? g.lineTo(x, y) : g.moveTo(x, y)))(pixel(place)));
    g.stroke();
  }
  g.globalAlpha = 1;
  for (const { state } of shown) truck(g, pixel(state.place), state.doing);
  return doing;
}

function truck(g, { x, y }, doing) {
  g.beginPath();
  g.arc(x, y, doing === "working" ? 7 : 6, 0, 7);
  g.fillStyle = doing === "waiting" ? colours.ground : colours.P3;
  g.fill();
  g.lineWidth = 2;
  g.strokeStyle = doing === "waiting" ? colours.P3 : colours.ground;
  g.stroke();
  if (doing === "working") {
    g.fillStyle = colours.ground;
    g.fillRect(x - 2.5, y - 2.5, 5, 5);
  }
  g.lineWidth = 1;
}

function legend() {
  const colour = { P1: "var(--P1)", P3: "var(--P3)", dead: "var(--dead)" };
  const row = (shape, words) =>
    h("span", {}, s("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, shape), words);
  const circle = (r, fill, stroke = "none") => s("circle", { r, fill, stroke, "stroke-width": 2 });
  const square = (fill) =>
    s("rect", { x: -5, y: -5, width: 10, height: 10, fill, stroke: colour.P1, "stroke-width": 1.6 });
  const kinds = [...new Set(film.zones.map((zone) => zone.kind))];
  at("film-legend").replaceChildren(
    row(circle(4, colour.dead), t("film.dark")),
    row(circle(6, LIGHT), t("film.back")),
    row(square("none"), t("film.unknown")),
    row(square(colour.P1), t("film.known")),
    row(circle(5, colour.P3), t("film.crew")),
    ...kinds.map((kind) =>
      row(
        s("rect", {
          x: -7,
          y: -5,
          width: 14,
          height: 10,
          fill: kind === "flood" ? colour.P3 : "var(--P2)",
          opacity: 0.4,
        }),
        t(`film.zone.${kind}`),
      ),
    ),
  );
}

// time

let cursor;
function curve() {
  const { step_s, out } = film.curve;
  const most = Math.max(1, ...out);
  const line = out
    .map((value, i) => [((i * step_s) / film.end_s) * 1000, 58 - (value / most) * 56])
    .filter(([x]) => x <= 1000);
  cursor = s("line", { class: "film-curve-now", y1: 0, y2: 60 });
  at("film-curve").append(
    s("polygon", {
      class: "film-curve-area",
      points: [[0, 58], ...line, [1000, 58]].map((each) => each.join(",")).join(" "),
    }),
    cursor,
  );
}

function go(seconds) {
  now = Math.max(0, Math.min(film.end_s, Math.round(seconds)));
  redraw();
}

function frame(time) {
  if (!playing) return;
  go(now + ((time - last) / 1000) * 3600 * Number(at("speed").value));
  last = time;
  if (now >= film.end_s) pause();
  else requestAnimationFrame(frame);
}

function play() {
  if (now >= film.end_s) now = 0;
  playing = true;
  last = performance.now();
  show();
  requestAnimationFrame(frame);
}

function pause() {
  playing = false;
  show();
}

function show() {
  at("play").textContent = t(playing ? "film.pause" : "film.play");
  at("play").setAttribute("aria-pressed", String(playing));
}

const toggle = () => (playing ? pause() : play());
const step = (seconds) => () => go(now + seconds);

function keys() {
  bind(" ", (event) => (event.target.closest?.("button, select, a") ? false : toggle()));
  for (const [key, sign] of Object.entries({ ArrowLeft: -1, ArrowRight: 1 })) {
    bind(key, (event) =>
      event.target.id === "moment" || event.target.closest?.("#map, select")
        ? false
        : step(sign * (event.shiftKey ? 3600 : 300))(),
    );
  }
  bind("Home", () => go(0));
  bind("End", () => go(film.end_s));
}

// the page

function fit() {
  const places = [
    ...film.faults.map(({ place }) => [place[1], place[0]]),
    ...film.crews.map(({ place }) => [place[1], place[0]]),
  ];
  map.fitBounds(places.length ? places : [[0, 0]], { padding: [20, 20], maxZoom: 15, animate: false });
}

const pens = (zoom) =>
  [1.4, 1, 0.6].map((width, rank) => ({
    colour: colours[rank ? "road" : "road-main"],
    width: zoom >= 14 ? width * 2 : width,
  }));

async function begin() {
  const [data, lines] = await Promise.all([
    fetch(box.dataset.film).then((answer) => answer.json()),
    fetch("/api/v1/map/roads").then((answer) => answer.arrayBuffer()),
  ]);
  film = prepare(data);
  colours = themeColours();
  map = L.map("map", {
    zoomAnimation: false,
    fadeAnimation: false,
    inertia: false,
    attributionControl: false,
    minZoom: 8,
    maxZoom: 18,
    zoomSnap: 0.5,
    keyboard: true,
  });
  fit();
  roads = linesLayer(unpack(lines), pens, { zIndex: 1 }).addTo(map);
  canvas = L.DomUtil.create("canvas", "film-canvas", map.getPane("overlayPane"));
  map.on("move zoom viewreset resize", redraw);
  at("film-title").textContent =
    `${film.name} · ${film.alternative} · ${t("film.replication", { n: film.replication, seed: film.seed })}`;
  at("moment").max = film.end_s;
  curve();
  legend();
  keys();
  at("play").addEventListener("click", toggle);
  at("moment").addEventListener("input", (event) => go(Number(event.target.value)));
  at("film-choice").addEventListener("change", (event) => location.assign(`${event.target.value}#${now}`));
  document.documentElement.addEventListener("theme", () => {
    colours = themeColours();
    roads.redraw();
    redraw();
  });
  // Another alternative opens at the same moment.
  go(Number(location.hash.slice(1)) || Math.min(...film.faults.map((fault) => fault.at_s), film.end_s));
  box.dataset.ready = "1";
}

begin();
