// A small map of streets: where something is, and a click to say so.
import { themeColours } from "./glyphs.js";
import { linesLayer, unpack } from "./lines.js";
import { t } from "./words.js";

const box = document.createElement("div");
box.className = "placing";
let map = null;
let dot = null;
let colours = themeColours();
/** @type {(at: number[]) => void} */
let take = () => {};
let middle = null;

const pens = (zoom) => [
  { colour: colours["road-main"], width: zoom >= 14 ? 4 : 2 },
  { colour: colours["road-main"], width: zoom >= 14 ? 2.8 : 1.2 },
  { colour: colours.road, width: zoom >= 14 ? 1.8 : 0.7 },
];

async function build() {
  map = L.map(box, {
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
    attributionControl: false,
    minZoom: 8,
    maxZoom: 18,
    zoomSnap: 0.5,
    zoomControl: false,
  });
  L.control.zoom({ zoomInTitle: t("map.zoom_in"), zoomOutTitle: t("map.zoom_out") }).addTo(map);
  map.setView([0, 0], 8);
  map.on("click", ({ latlng }) => take([round(latlng.lng), round(latlng.lat)]));
  document.documentElement.addEventListener("theme", () => {
    colours = themeColours();
    map.eachLayer((layer) => layer.redraw?.());
  });
  const answer = await fetch("/api/v1/map/roads", { credentials: "same-origin" });
  if (!answer.ok) return;
  const lines = unpack(await answer.arrayBuffer());
  linesLayer(lines, pens, { className: "lines-roads" }).addTo(map);
}

const round = (degrees) => Math.round(degrees * 1e6) / 1e6;

/** The map, ready to be put somewhere; `chosen` gets [lon, lat] of each click, or null without a right to change. */
export function placingMap(chosen) {
  take = chosen ?? (() => {});
  box.classList.toggle("still", chosen === null);
  return box;
}

/** Show a place strongly, or where there is none the city; call it when the map is on the page. */
export function showPlace(at, city, keep = false) {
  if (!map) build();
  middle = city;
  map.invalidateSize({ animate: false, pan: false });
  dot?.remove();
  dot = null;
  if (at) {
    dot = L.circleMarker([at[1], at[0]], {
      radius: 9,
      weight: 3,
      color: colours.ground,
      fillColor: colours.P1,
      fillOpacity: 1,
      interactive: false,
    }).addTo(map);
    if (!keep) map.setView([at[1], at[0]], 15.5, { animate: false });
  } else if (!keep && middle) map.fitBounds(middle, { animate: false });
}
