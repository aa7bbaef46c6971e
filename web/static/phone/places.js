// Ways out of the page: the phone's own navigation, and files that other programs read.
import { h, t } from "./parts.js";

// Maps in mainland China are shifted (GCJ-02): these addresses say that ours are WGS 84, and the map converts.
const CHINA = new Set([
  "Asia/Shanghai",
  "Asia/Urumqi",
  "Asia/Chongqing",
  "Asia/Chungking",
  "Asia/Harbin",
  "Asia/Kashgar",
  "PRC",
]);
const APPLE = /iPhone|iPad|iPod/;

export function navigation(stop, zone) {
  const { lat, lon } = stop;
  const name = encodeURIComponent(stop.address || stop.job);
  const own = APPLE.test(navigator.userAgent) ? `maps:?daddr=${lat},${lon}` : `geo:${lat},${lon}?q=${lat},${lon}`;
  const link = (href, text) => h("a", { class: "plain", href, rel: "noreferrer noopener" }, text);
  if (!CHINA.has(zone)) return [link(own, t("phone.navigate"))];
  return [
    link(
      `https://uri.amap.com/navigation?to=${lon},${lat},${name}&mode=car&coordinate=wgs84&callnative=1&src=gridcrew`,
      t("phone.amap"),
    ),
    link(
      `https://api.map.baidu.com/direction?destination=latlng:${lat},${lon}|name:${name}` +
        "&coord_type=wgs84&mode=driving&output=html&src=gridcrew",
      t("phone.baidu"),
    ),
    link(own, t("phone.navigate")),
  ];
}

export function files(actions) {
  return h(
    "p",
    { class: "links" },
    ["gpx", "ics", "geojson"].map((kind) =>
      h("button", { type: "button", class: "plain", onclick: () => actions.download(kind) }, t(`phone.file.${kind}`)),
    ),
  );
}
