// Ways out of the page: the phone's own navigation, and files that other programs read.
import { h, t } from "./parts.js";

const APPLE = /iPhone|iPad|iPod/;

// Where maps are shifted, the server sends the place as Amap and Apple (GCJ-02) and Baidu (BD-09) draw it:
// no service has to be trusted with converting it. A geo: address is in WGS 84 everywhere (RFC 5870).
export function navigation(stop) {
  const { lat, lon, shifted } = stop;
  const name = encodeURIComponent(stop.address || stop.job);
  const link = (href, key) => h("a", { class: "plain", href, rel: "noreferrer noopener" }, t(`phone.${key}`));
  if (!shifted)
    return [
      link(phones([lon, lat], [lon, lat]), "navigate"),
      link(`https://www.google.com/maps/dir/?api=1&travelmode=driving&destination=${lat},${lon}`, "google"),
    ];
  const [gcjLon, gcjLat] = shifted.gcj02;
  const [bdLon, bdLat] = shifted.bd09;
  return [
    link(
      `https://uri.amap.com/navigation?to=${gcjLon},${gcjLat},${name}` +
        "&mode=car&coordinate=gaode&callnative=1&src=gridcrew",
      "amap",
    ),
    link(
      `https://api.map.baidu.com/direction?destination=latlng:${bdLat},${bdLon}|name:${name}` +
        "&coord_type=bd09ll&mode=driving&output=html&src=gridcrew",
      "baidu",
    ),
    link(phones([lon, lat], shifted.gcj02), "navigate"),
  ];
}

const phones = ([lon, lat], [appleLon, appleLat]) =>
  APPLE.test(navigator.userAgent) ? `maps:?daddr=${appleLat},${appleLon}` : `geo:${lat},${lon}?q=${lat},${lon}`;

export function files(actions) {
  return h(
    "p",
    { class: "links" },
    ["gpx", "ics", "geojson"].map((kind) =>
      h("button", { type: "button", class: "plain", onclick: () => actions.download(kind) }, t(`phone.file.${kind}`)),
    ),
  );
}
