import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./page.js";

openPage();
const { navigation } = await import("../../web/static/phone/places.js");
const { inLanguage, secret, t } = await import("../../web/static/phone/parts.js");

test("a tap's mark is 32 hexadecimal digits, and never twice the same", () => {
  const made = new Set(Array.from({ length: 200 }, () => secret(16)));
  assert.equal(made.size, 200);
  for (const mark of made) assert.match(mark, /^[0-9a-f]{32}$/);
});

test("a key without words shows itself; one and many are told apart", () => {
  assert.equal(t("no.such.key"), "no.such.key");
  assert.deepEqual(inLanguage({ en: "cable", zh: "电缆" }), "cable");
  assert.deepEqual(inLanguage({ zh: "电缆" }), "电缆");
});

test("navigation in China says that the place is in WGS 84; elsewhere it opens the phone's own", () => {
  const stop = { lat: 31.2, lon: 121.5, address: "人民路 1", job: "J1" };
  const china = navigation(stop, "Asia/Shanghai").map((link) => link.href);
  assert.equal(china.length, 3);
  assert.match(china[0], /to=121.5,31.2,.*coordinate=wgs84/);
  assert.match(china[1], /latlng:31.2,121.5\|name:.*coord_type=wgs84&mode=driving/);
  assert.deepEqual(
    navigation(stop, "Europe/Berlin").map((link) => link.href),
    ["geo:31.2,121.5?q=31.2,121.5"],
  );
});
