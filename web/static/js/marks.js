// Everything on the map that can be selected: one canvas above roads and grid.
import { day, passes, related, selection } from "./day.js";
import { drawMark } from "./glyphs.js";
import { state } from "./state.js";
import { ahead, drawVehicle, vehicles } from "./vehicles.js";
import { t } from "./words.js";

const REACH_PX = 14;
const LEAST_RING = 20; // customers; fewer are told by the mark alone
const SPARE = 0.25; // of the map's size on each side, so that a short pan needs no drawing

export const Marks = L.Layer.extend({
  initialize(colours) {
    this.colours = colours;
    this.drives = null;
    this.places = [];
  },
  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "marks leaflet-zoom-hide");
    map.getPane("overlayPane").append(this.canvas);
    map.on("moveend zoomend resize viewreset", this.redraw, this);
    this.redraw();
  },
  redraw() {
    const map = this._map;
    if (!map) return;
    const size = map.getSize();
    const spare = size.multiplyBy(SPARE).round();
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const whole = size.add(spare.multiplyBy(2));
    this.canvas.width = whole.x * ratio;
    this.canvas.height = whole.y * ratio;
    this.canvas.style.width = `${whole.x}px`;
    this.canvas.style.height = `${whole.y}px`;
    this.corner = map.containerPointToLayerPoint(spare.multiplyBy(-1));
    L.DomUtil.setPosition(this.canvas, this.corner);
    const g = this.canvas.getContext("2d");
    g.scale(ratio, ratio);
    this.paint(g);
  },
  xy(at) {
    const point = this._map.latLngToLayerPoint([at[1], at[0]]);
    return [point.x - this.corner.x, point.y - this.corner.y];
  },
  paint(g) {
    const chosen = related();
    this.places = [];
    this.paintOutages(g, chosen);
    this.paintDrives(g, chosen);
    for (const depot of day.depots) this.paintDepot(g, depot);
    const zoom = this._map.getZoom();
    const shown = day.jobs.filter((job) => !job.remote);
    shown.sort((a, b) => weight(a, chosen) - weight(b, chosen));
    for (const job of shown) this.paintJob(g, job, chosen, markScale(job, zoom));
    this.paintTickets(g);
    this.paintVehicles(g, chosen);
  },
  /** Sections that people may be at work in: nobody closes anything there without asking. */
  paintTickets(g) {
    const sections = new Map();
    for (const ticket of state.tickets) {
      const key = ticket.section ?? ticket.number;
      sections.set(key, [...(sections.get(key) ?? []), ticket]);
    }
    for (const [id, tickets] of sections) {
      const [x, y] = this.xy(tickets[0].at).map((value, axis) => value + (axis ? 15 : -15));
      g.fillStyle = this.colours.wrong;
      g.strokeStyle = this.colours.ground;
      g.lineWidth = 2;
      g.beginPath();
      g.rect(x - 9, y - 9, 18, 18);
      g.stroke();
      g.fill();
      g.fillStyle = this.colours.ground;
      g.font = "700 12px system-ui, sans-serif";
      g.textAlign = "center";
      g.textBaseline = "middle";
      g.fillText(tickets.length > 1 ? String(tickets.length) : t("map.ticket_mark"), x, y + 0.5);
      this.places.push({ x, y, kind: "ticket", id });
    }
  },
  paintOutages(g, chosen) {
    const ringScale = this._map.getZoom() >= 13 ? 0.9 : 0.5;
    for (const outage of day.outages) {
      if (!outage.at || (outage.out < LEAST_RING && !chosen.outages.has(outage.id))) continue;
      const [x, y] = this.xy(outage.at);
      const picked = chosen.outages.has(outage.id);
      g.beginPath();
      g.arc(x, y, Math.min(8 + Math.sqrt(outage.out) * ringScale, 60), 0, 2 * Math.PI);
      g.globalAlpha = picked ? 0.35 : 0.13;
      g.fillStyle = this.colours.dead;
      g.fill();
      g.globalAlpha = picked ? 1 : 0.45;
      g.lineWidth = picked ? 2 : 1;
      g.strokeStyle = this.colours.dead;
      g.stroke();
      g.globalAlpha = 1;
    }
  },
  /** The drives that are left of the crews that are selected; all others are a layer of their own. */
  paintDrives(g, chosen) {
    const placed = new Map(vehicles().map((each) => [each.id, each.place]));
    for (const crew of chosen.crews) {
      const { from, stops, desk } = day.crew.get(crew) ?? { desk: true };
      if (!from || desk) continue;
      const left = ahead(day.crew.get(crew));
      let here = placed.get(crew) ?? day.job.get(stops[stops.indexOf(left[0]) - 1]?.job)?.at ?? from;
      left.forEach((stop, i) => {
        const job = day.job.get(stop.job);
        if (!job) return;
        const path = this.drives?.get(crew)?.[stops.indexOf(stop)];
        const whole = path ? this.pathXy(path) : [this.xy(here), this.xy(job.at)];
        if (!stop.here) this.line(g, i === 0 && placed.has(crew) ? fromHere(this.xy(here), whole) : whole, job.cls);
        here = job.at;
      });
    }
  },
  paintVehicles(g, chosen) {
    const scale = document.documentElement.classList.contains("wall") ? 1.5 : this._map.getZoom() >= 13 ? 1 : 0.8;
    const order = (each) => Number(chosen.crews.has(each.id));
    for (const vehicle of vehicles().sort((a, b) => order(a) - order(b))) {
      const [x, y] = this.xy(vehicle.place);
      const picked = chosen.crews.has(vehicle.id);
      drawVehicle(g, vehicle, [x, y], {
        colours: this.colours,
        picked,
        dimmed: selection.kind !== null && !picked,
        scale,
      });
      this.places.push({ x, y, kind: "crew", id: vehicle.id });
    }
  },
  pathXy({ x, y }) {
    const scale = 2 ** (this._map.getZoom() - 12);
    const origin = this._map.getPixelOrigin();
    const [dx, dy] = [origin.x + this.corner.x, origin.y + this.corner.y];
    return Array.from(x, (px, i) => [px * scale - dx, y[i] * scale - dy]);
  },
  line(g, path, cls) {
    g.beginPath();
    for (const [x, y] of path) g.lineTo(x, y);
    g.lineJoin = g.lineCap = "round";
    g.lineWidth = 7;
    g.strokeStyle = this.colours.ground;
    g.stroke();
    g.lineWidth = 3.5;
    g.strokeStyle = this.colours[cls] ?? this.colours.dim;
    g.stroke();
  },
  paintDepot(g, depot) {
    const [x, y] = this.xy(depot.at);
    g.fillStyle = this.colours.ink;
    g.strokeStyle = this.colours.ground;
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(x - 8, y + 7);
    g.lineTo(x - 8, y - 3);
    g.lineTo(x, y - 9);
    g.lineTo(x + 8, y - 3);
    g.lineTo(x + 8, y + 7);
    g.closePath();
    g.stroke();
    g.fill();
    this.places.push({ x, y, kind: "depot", id: depot.id });
  },
  paintJob(g, job, chosen, scale) {
    const [x, y] = this.xy(job.at);
    const picked = chosen.jobs.has(job.id);
    const dimmed = !passes(job) || (selection.kind !== null && !picked);
    if (selection.kind === "job" && picked) {
      g.beginPath();
      g.arc(x, y, 17, 0, 2 * Math.PI);
      g.fillStyle = this.colours.pick;
      g.fill();
      g.lineWidth = 2.5;
      g.strokeStyle = this.colours.ink;
      g.stroke();
    }
    g.globalAlpha = dimmed ? (passes(job) ? 0.5 : 0.12) : 1;
    drawMark(g, job.cls, x, y, picked ? Math.max(scale, 1) : scale, this.colours);
    g.globalAlpha = 1;
    if (passes(job)) this.places.push({ x, y, kind: "job", id: job.id });
  },
  /** The vehicles' places in the map's container. */
  vehiclesInView() {
    const corner = this._map.layerPointToContainerPoint(this.corner);
    return this.places
      .filter((place) => place.kind === "crew")
      .map(({ x, y, id }) => ({ x: x + corner.x, y: y + corner.y, id }));
  },
  /** The jobs' marks with their place in the map's container, topmost last. */
  inView() {
    const corner = this._map.layerPointToContainerPoint(this.corner);
    return this.places
      .filter((place) => place.kind === "job")
      .map(({ x, y, id }) => ({ x: x + corner.x, y: y + corner.y, id }));
  },
  /** What lies under a point of the map's container, nearest first. */
  under(point) {
    const at = this._map.containerPointToLayerPoint(point).subtract(this.corner);
    let best = null;
    for (const place of this.places) {
      const distance = Math.hypot(place.x - at.x, place.y - at.y);
      if (distance <= REACH_PX && (!best || distance <= best.distance)) best = { ...place, distance };
    }
    return best;
  },
});

/** A drive from where the vehicle is: what lies behind it is left out. */
function fromHere(here, path) {
  let nearest = 0;
  const away = ([x, y]) => Math.hypot(x - here[0], y - here[1]);
  path.forEach((each, i) => {
    if (away(each) < away(path[nearest])) nearest = i;
  });
  return [here, ...path.slice(nearest)];
}

/** Marks shrink as the map widens, those of the lower classes first. */
function markScale(job, zoom) {
  if (zoom >= 14) return 1;
  const rank = Number(String(job.cls).replace(/\D/g, "")) || 5;
  const least = [1, 0.85, 0.75, 0.6, 0.5, 0.45][rank] ?? 0.45;
  return zoom >= 13 ? Math.max(least, 0.75) : least * (zoom >= 12 ? 1 : 0.85);
}

function weight(job, chosen) {
  const urgency = 10 - Number(String(job.cls).replace(/\D/g, "") || 9);
  return (chosen.jobs.has(job.id) ? 100 : 0) + (passes(job) ? 20 : 0) + urgency;
}
