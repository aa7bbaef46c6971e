// The map: roads and grid below, what can be selected above.
import { day, on, related, select, selection } from "./day.js";
import { h, perFrame } from "./dom.js";
import { clock } from "./format.js";
import { CLASSES, themeColours } from "./glyphs.js";
import { linesLayer, linesOf, unpack, worldPixel } from "./lines.js";
import { Marks } from "./marks.js";
import { crewName } from "./names.js";
import { live, state } from "./state.js";
import { goingText, seenText } from "./vehicles.js";
import { t, word } from "./words.js";

let map;
let marks;
let colours;
const layers = {};
const AGES_MS = 30000;
let moved = false; // by a person, so that the map no longer fits itself

const roadPens = (zoom) =>
  [
    { colour: colours["road-main"], width: zoom >= 14 ? 4 : zoom >= 12 ? 2.2 : 1.5 },
    { colour: colours["road-main"], width: zoom >= 14 ? 2.8 : zoom >= 12 ? 1.4 : 0.9 },
    { colour: colours.road, width: zoom >= 15 ? 2.2 : zoom >= 13 ? 1.2 : 0.6 },
  ].map((pen, rank) => (rank === 2 && zoom < 10 ? null : pen));

const gridPens = (zoom) => [
  zoom >= 12 ? { colour: colours.grid, width: zoom >= 14 ? 1.6 : 1 } : null,
  { colour: colours.dead, width: zoom >= 14 ? 3.5 : 2.4 },
];

const drivePens = (zoom) => CLASSES.map((cls) => ({ colour: colours[cls], width: zoom >= 13 ? 2.2 : 1.3 }));

/** Put the map up over the day's jobs and depots. */
export function showMap() {
  colours = themeColours();
  map = L.map("map", {
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
    attributionControl: false,
    zoomControl: false,
    minZoom: 8,
    zoomSnap: 0.5,
    maxZoom: 18,
    keyboard: true,
    wheelPxPerZoomLevel: 90,
  });
  const zoom = L.control
    .zoom({ position: "topleft", zoomInTitle: t("map.zoom_in"), zoomOutTitle: t("map.zoom_out") })
    .addTo(map);
  zoom.getContainer().addEventListener("click", () => (moved = true));
  L.control.scale({ imperial: false, position: "topleft" }).addTo(map);
  map.getPane("tilePane").style.zIndex = 200;
  fitAll();
  marks = new Marks(colours);
  marks.addTo(map);
  map.on("click", (event) => pick(event.containerPoint));
  map.on("dragstart", () => (moved = true));
  for (const name of ["wheel", "dblclick"]) map.getContainer().addEventListener(name, () => (moved = true));
  map.on("mousemove", (event) => hover(event));
  on("select", (origin) => {
    quiet();
    marks.redraw();
    if (origin === "map") return;
    if (!moved) fitAll();
    follow();
  });
  on("filter", () => marks.redraw());
  on("board", () => marks.redraw());
  const redraw = perFrame(() => marks.redraw());
  for (const news of ["expected", "state"]) on(news, redraw);
  // Ages go on without news.
  setInterval(redraw, AGES_MS);
  on("proposal", () => marks.redraw());
  on("theme", restyle);
  legend();
  // For tests: where the marks are, in pixels of the map.
  window.gridcrewMarks = () => marks.inView();
  window.gridcrewVehicles = () => marks.vehiclesInView();
}

/** The whole day, beside the details where they are open. */
export function fitAll() {
  moved = false;
  const points = [
    ...day.jobs.filter((job) => !job.remote).map((job) => job.at),
    ...day.depots.map((depot) => depot.at),
  ];
  if (!points.length) points.push([0, 0]);
  const [lon, lat] = [0, 1].map((axis) => points.map((at) => at[axis]).sort((a, b) => a - b));
  const part = (sorted, share) => sorted[Math.round((sorted.length - 1) * share)];
  // A few jobs far out must not shrink the city to a spot.
  const box = [
    [part(lat, 0.03), part(lon, 0.03)],
    [part(lat, 0.97), part(lon, 0.97)],
  ];
  map.fitBounds(box, {
    paddingTopLeft: [12, 12],
    paddingBottomRight: [covered() + 12, 12],
    maxZoom: 16,
    animate: false,
  });
}

function covered() {
  const detail = document.getElementById("detail");
  return detail.hidden ? 0 : detail.offsetWidth + 8;
}

/** Draw a packed layer of lines: "roads" or "grid", in place of the one that is there. */
export function showLines(name, buffer) {
  const old = layers[name];
  const pens = name === "roads" ? roadPens : gridPens;
  layers[name] = linesLayer(unpack(buffer), pens, { className: `lines-${name}`, zIndex: name === "roads" ? 1 : 2 });
  layers[name].addTo(map);
  old?.remove();
}

/** Take the drives along the roads: quiet for all crews, strong for the selected. */
export function showDrives(packed) {
  const paths = new Map();
  for (const [crew, legs] of Object.entries(packed)) paths.set(crew, legs.map(unpackDrive));
  const ranked = day.crews
    .flatMap((crew) =>
      crew.stops.map((stop, i) => {
        const path = paths.get(crew.id)?.[i];
        return path && { ...path, rank: Math.max(0, CLASSES.indexOf(day.job.get(stop.job)?.cls)) };
      }),
    )
    .filter((path) => path && path.x.length > 1);
  layers.drives?.remove();
  layers.drives = linesLayer(linesOf(ranked), drivePens, { className: "lines-drives", zIndex: 3 });
  layers.drives.addTo(map);
  marks.drives = paths;
  quiet();
  marks.redraw();
}

function unpackDrive(steps) {
  const path = { x: new Float64Array(steps.length / 2), y: new Float64Array(steps.length / 2) };
  let [lon, lat] = [0, 0];
  for (let i = 0; i < path.x.length; i++) {
    lon += steps[2 * i];
    lat += steps[2 * i + 1];
    [path.x[i], path.y[i]] = worldPixel(lon / 1e5, lat / 1e5);
  }
  return path;
}

const quiet = () => layers.drives?.setOpacity(selection.kind === null ? 0.45 : 0.15);

export const resized = () => map?.invalidateSize({ animate: false, pan: false });

function restyle() {
  colours = themeColours();
  marks.colours = colours;
  for (const layer of Object.values(layers)) layer.redraw?.();
  marks.redraw();
}

let wanted = null;
/** Give the next place that somebody clicks on to `take`. */
export function pickPlace(take) {
  wanted = take;
  map.getContainer().classList.add("picking");
}

/** Roads that are closed, as strong dashed lines with a sign. */
export function showClosed(lines) {
  layers.closed?.remove();
  const pen = { color: colours.wrong, weight: 5, dashArray: "2 9", interactive: false };
  layers.closed = L.layerGroup(
    lines.map((line) =>
      L.polyline(
        line.map(([lon, lat]) => [lat, lon]),
        pen,
      ),
    ),
  ).addTo(map);
}

function pick(point) {
  if (wanted) {
    const at = map.containerPointToLatLng(point);
    const take = wanted;
    wanted = null;
    map.getContainer().classList.remove("picking");
    return take([at.lng, at.lat]);
  }
  const found = marks.under(point);
  if (!found) select(null, null, "map");
  else if (found.kind === "ticket") select("job", ticketsOf(found.id)[0].job, "map");
  else if (["job", "crew"].includes(found.kind)) select(found.kind, found.id, "map");
  return null;
}

let tip;
function hover(event) {
  const found = marks.under(event.containerPoint);
  map.getContainer().classList.toggle("over", found !== null);
  if (tip && (!found || tip.of !== found.id)) {
    map.closeTooltip(tip.tooltip);
    tip = null;
  }
  if (found && !tip) {
    const tooltip = L.tooltip({ direction: "top", offset: [0, -12], className: "tip" });
    const shown = {
      job: () => tipOf(day.job.get(found.id)),
      crew: () => vehicleTip(found.id),
      depot: () => depotTip(found.id),
      ticket: () => ticketTip(found.id),
    }[found.kind]();
    tooltip.setLatLng(map.containerPointToLatLng(event.containerPoint)).setContent(shown);
    map.openTooltip(tooltip);
    tip = { of: found.id, tooltip };
  }
}

function tipOf(job) {
  const crews = job.crews.map((id) => day.crew.get(id)?.name ?? id).join(", ");
  return h(
    "div",
    {},
    h("b", {}, `${job.cls} ${word("job_kind", job.kind)}`),
    h("br"),
    job.address,
    h("br"),
    job.out ? t("map.tip_out", { n: job.out }) : "",
    job.start ? ` ${crews} ${clock(job.start)}` : ` ${t("list.left_out")}`,
  );
}

function vehicleTip(id) {
  return h("div", {}, h("b", {}, crewName(id)), h("br"), goingText(id), h("br"), seenText(id));
}

const ticketsOf = (section) => state.tickets.filter((each) => (each.section ?? each.number) === section);

function ticketTip(section) {
  const lines = ticketsOf(section).map((each) =>
    h("div", {}, `${each.number} · ${word("ticket_state", each.state)} · ${crewName(each.crew)}`),
  );
  return h("div", {}, h("b", {}, t("map.ticket_in", { section })), lines);
}

function depotTip(id) {
  return h("div", {}, day.depots.find((depot) => depot.id === id)?.name ?? id);
}

/** Bring what is selected into view, moving as little as possible. */
export function follow(closer = false) {
  const { jobs } = related();
  const places = [...jobs]
    .map((id) => day.job.get(id))
    .filter((job) => job && !job.remote)
    .map((job) => [job.at[1], job.at[0]]);
  if (selection.kind === "outage" && !places.length && day.outage.get(selection.id).at) {
    const [lon, lat] = day.outage.get(selection.id).at;
    places.push([lat, lon]);
  }
  if (!places.length) return;
  const right = covered();
  const size = map.getSize();
  const free = L.bounds([40, 30], [size.x - right - 30, size.y - 40]);
  const inView = places.every((place) => free.contains(map.latLngToContainerPoint(place)));
  if (closer) moved = true;
  if (closer || (!inView && places.length > 1)) {
    map.fitBounds(places, {
      paddingTopLeft: [40, 40],
      paddingBottomRight: [right + 40, 40],
      maxZoom: 16,
      animate: false,
    });
  } else if (!inView) {
    const shift = map.latLngToContainerPoint(places[0]).subtract(free.getCenter());
    map.panBy(shift, { animate: false });
  }
}

export function zoomBy(steps) {
  moved = true;
  map.setZoom(map.getZoom() + steps, { animate: false });
}

function legend() {
  const box = document.getElementById("legend");
  box.append(
    h("span", {}, h("i", { class: "swatch dead" }), t("map.dead")),
    h("span", {}, h("i", { class: "swatch live" }), t("map.energised")),
    h("span", {}, h("i", { class: "swatch out" }), t("map.out")),
    h("span", {}, h("i", { class: "swatch depot" }), t("map.depot")),
    live ? h("span", {}, h("i", { class: "swatch ticket" }), t("map.ticket")) : "",
    live ? h("span", { title: t("vehicle.private") }, h("i", { class: "swatch vehicle" }), t("map.vehicle")) : "",
  );
}
