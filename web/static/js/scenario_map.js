// The map of a study: where the storm goes, dragged to another way; streets closed or slowed by a click.
import { announce, h } from "./dom.js";
import { themeColours } from "./glyphs.js";
import { linesLayer, unpack } from "./lines.js";
import { t } from "./words.js";

const KM_PER_DEGREE = 111.195; // of latitude
const HANDLE_PX = 22;
const REACH_PX = 24; // farther from a street nobody meant it
let map;
let drawn; // what changes with the alternative that is chosen
let colours;
let acts;

/** A track as it lies on the map, moved by kilometres to the east and north. */
export function moved(track, shift) {
  const [east, north] = shift;
  return track.map(({ lon, lat }) => [
    lat + north / KM_PER_DEGREE,
    lon + east / (KM_PER_DEGREE * Math.cos((lat * Math.PI) / 180)),
  ]);
}

/** How far a place was dragged, in whole kilometres to the east and north. */
export function dragged(from, to) {
  const north = (to[0] - from[0]) * KM_PER_DEGREE;
  const east = (to[1] - from[1]) * KM_PER_DEGREE * Math.cos((from[0] * Math.PI) / 180);
  return [Math.round(east), Math.round(north)];
}

/** Of a track the point that is nearest to the city: there it is taken hold of. */
export function hold(track, place) {
  const [lon, lat] = place;
  const away = (point) => Math.hypot(point.lat - lat, (point.lon - lon) * Math.cos((lat * Math.PI) / 180));
  return track.reduce((best, point, at) => (away(point) < away(track[best]) ? at : best), 0);
}

const pens = (zoom) =>
  [1.2, 0.9, 0.5].map((width, rank) => ({
    colour: colours[rank ? "road" : "road-main"],
    width: zoom >= 14 ? width * 2 : width,
  }));

/** Begin with the city; `on` says what is done when a track is moved or a street is clicked. */
export async function begin(box, middle, on) {
  acts = on;
  colours = themeColours();
  map = L.map(box, {
    zoomAnimation: false,
    fadeAnimation: false,
    inertia: false,
    attributionControl: false,
    minZoom: 4,
    maxZoom: 18,
    zoomSnap: 0.5,
  });
  map.setView([middle[1], middle[0]], 11);
  drawn = L.layerGroup().addTo(map);
  map.on("click", street);
  const lines = await fetch("/api/v1/map/roads").then((answer) => answer.arrayBuffer());
  const roads = linesLayer(unpack(lines), pens, { zIndex: 1 }).addTo(map);
  document.documentElement.addEventListener("theme", () => {
    colours = themeColours();
    roads.redraw();
  });
  box.dataset.ready = "1";
}

async function street({ latlng }) {
  const asked = new URLSearchParams({ lon: latlng.lng.toFixed(6), lat: latlng.lat.toFixed(6) });
  const answer = await fetch(`/scenarios/street?${asked}`, { credentials: "same-origin" });
  if (!answer.ok) return;
  const found = await answer.json();
  const [from, to] = found.line.map(([lon, lat]) => map.latLngToLayerPoint([lat, lon]));
  const meant = found.line.length && L.LineUtil.pointToSegmentDistance(map.latLngToLayerPoint(latlng), from, to);
  if (found.edge.length && meant <= REACH_PX) acts.street(found);
  else announce(t("scenario.street_none"));
}

/** Draw an alternative's storm and streets. */
export function show(middle, storm, shift, streets) {
  drawn.clearLayers();
  for (const each of streets)
    L.polyline(
      each.line.map(([lon, lat]) => [lat, lon]),
      { color: "var(--wrong)", weight: 6, dashArray: each.slower ? "4 8" : null, interactive: false },
    ).addTo(drawn);
  if (!storm) return;
  const way = moved(storm.track, shift);
  const line = L.polyline(way, { color: "var(--P3)", weight: 3, interactive: false }).addTo(drawn);
  const rings = storm.track.map((point, at) =>
    L.circleMarker(way[at], { radius: 4, color: "var(--P3)", fillOpacity: 1 })
      .bindTooltip(t("scenario.track_point", { h: Math.round(point.h), ms: Math.round(point.max_ms ?? storm.max_ms) }))
      .addTo(drawn),
  );
  const at = hold(storm.track, middle);
  const ring = L.circle(way[at], {
    radius: storm.radius_km * 1000,
    color: "var(--P3)",
    weight: 1,
    fillOpacity: 0.06,
    interactive: false,
  }).addTo(drawn);
  const handle = L.marker(way[at], {
    draggable: true,
    keyboard: false,
    title: t("scenario.track_drag"),
    icon: L.divIcon({ className: "track-hold", iconSize: [HANDLE_PX, HANDLE_PX] }),
  }).addTo(drawn);
  const own = moved(storm.track, [0, 0])[at];
  handle.on("drag", () => {
    const { lat, lng } = handle.getLatLng();
    const there = moved(storm.track, dragged(own, [lat, lng]));
    line.setLatLngs(there);
    rings.forEach((each, n) => each.setLatLng(there[n]));
    ring.setLatLng(there[at]);
  });
  handle.on("dragend", () => {
    const { lat, lng } = handle.getLatLng();
    acts.shift(dragged(own, [lat, lng]));
  });
}

/** See the whole storm and the city. */
export function fit(middle, storm, shift) {
  const near = [[middle[1], middle[0]]];
  const at = storm ? hold(storm.track, middle) : 0;
  const way = storm ? moved(storm.track, shift).slice(Math.max(0, at - 1), at + 2) : [];
  map.fitBounds([...near, ...way], { padding: [30, 30], maxZoom: 11, animate: false });
}

/** What a list says of a street that was clicked. */
export const named = (each) =>
  h("span", {}, each.street || t("scenario.street_unnamed", { from: each.edge[0], to: each.edge[1] }));
