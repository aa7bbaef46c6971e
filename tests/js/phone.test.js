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

const addresses = (stop) => navigation(stop).map((link) => link.href);
const onPhone = (userAgent, work) => {
  const before = navigator.userAgent;
  navigator.userAgent = userAgent;
  work();
  navigator.userAgent = before;
};

test("each map of China is given the place as it draws it; elsewhere all get WGS 84", () => {
  const shifted = { gcj02: [121.504475, 31.198043], bd09: [121.511, 31.2037] };
  const stop = { lat: 31.2, lon: 121.5, address: "人民路 1", job: "J1", shifted };
  const [amap, baidu, own] = addresses(stop);
  assert.match(amap, /to=121.504475,31.198043,%E4.*coordinate=gaode/);
  assert.match(baidu, /latlng:31.2037,121.511\|name:.*coord_type=bd09ll&mode=driving/);
  assert.equal(own, "geo:31.2,121.5?q=31.2,121.5");
  onPhone("iPhone", () => assert.equal(addresses(stop)[2], "maps:?daddr=31.198043,121.504475"));

  const elsewhere = { ...stop, shifted: null };
  const [plain, google] = addresses(elsewhere);
  assert.equal(plain, "geo:31.2,121.5?q=31.2,121.5");
  assert.match(google, /destination=31.2,121.5$/);
  onPhone("iPhone", () => assert.equal(addresses(elsewhere)[0], "maps:?daddr=31.2,121.5"));
});
