import assert from "node:assert/strict";
import { test } from "node:test";
import { module, openPage } from "./page.js";

openPage({ stands: true, may: true });
const { localTime, momentOf } = await module("zoned");
const format = await module("format");
const { state } = await module("state");
const typed = await module("desk_time");

const seconds = (text) => Date.parse(text) / 1000;

test("a form's time is read in the zone of the case, wherever the browser stands", () => {
  assert.equal(momentOf("2026-07-14T18:30", "America/Santiago"), "2026-07-14T22:30:00.000Z");
  assert.equal(localTime(seconds("2026-07-14T22:30:00Z"), "America/Santiago"), "2026-07-14T18:30");
  assert.equal(localTime(null, "America/Santiago"), "");
});

test("every hour around both changes of clocks comes back as it was written", () => {
  for (const day of ["2026-03-28", "2026-10-24"]) {
    const first = seconds(`${day}T12:30:00Z`);
    for (let at = first; at < first + 86400; at += 3600) {
      const text = localTime(at, "Europe/Berlin");
      assert.equal(localTime(Date.parse(momentOf(text, "Europe/Berlin")) / 1000, "Europe/Berlin"), text);
    }
  }
});

test("a clock time says when it belongs to another day", () => {
  format.setClock("Asia/Shanghai", seconds("2026-07-14T18:00:00+08:00"));
  assert.equal(format.clock(seconds("2026-07-14T18:45:00+08:00")), "18:45");
  assert.equal(format.clock(seconds("2026-07-15T01:16:00+08:00")), "01:16⁺¹");
  assert.equal(format.clock(seconds("2026-07-13T23:59:00+08:00")), "23:59⁻¹");
  assert.match(format.clock(seconds("2026-07-20T08:00:00+08:00")), /Jul.* 08:00/);
  assert.equal(format.clock(null), "–");
});

test("midnight belongs to the day that begins", () => {
  format.setClock("Asia/Shanghai", seconds("2026-07-14T00:00:00+08:00"));
  assert.equal(format.clock(seconds("2026-07-14T00:00:00+08:00")), "00:00");
  assert.equal(format.clock(seconds("2026-07-13T23:59:59+08:00")), "23:59⁻¹");
});

test("how far off a time is is said both ways", () => {
  format.setClock("Asia/Shanghai", seconds("2026-07-14T18:00:00+08:00"));
  assert.equal(format.relative(format.nowS()), "now");
  assert.equal(format.relative(format.nowS() + 720), "in 12 min");
  assert.equal(format.relative(format.nowS() - 720), "12 min ago");
  assert.equal(format.brief(88), "1:28");
});

test("a time typed after midnight on a late shift is tomorrow's, one just past is today's", () => {
  const now = seconds("2026-07-14T22:00:00+08:00");
  state.now = now;
  format.setClock("Asia/Shanghai", now);
  assert.equal(typed.momentOf("23:30"), now + 5400);
  assert.equal(typed.momentOf("00:30"), now + 9000);
  assert.equal(typed.momentOf("21:00"), now - 3600);
  assert.equal(typed.iso(now), "2026-07-14T14:00:00.000Z");
});
