import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { module, openPage } from "./page.js";

openPage({ stands: true, may: true });
const board = await module("day");
const { stateOf, state } = await module("state");
const { crewName, signed, title } = await module("names");
const { moved, routesNow } = await module("trying");

const job = (id, more = {}) => ({
  id,
  order: `W-${id}`,
  kind: "repair",
  title: "",
  cls: "P3",
  tier: 1,
  crews: [],
  promises: [],
  found: id.toLowerCase(),
  ...more,
});

beforeEach(() => {
  Object.assign(board.filter, { text: "", only: null, grade: "", feeder: "", area: "", crew: "" });
  board.filter.classes.clear();
  state.job.clear();
  state.order.clear();
  board.take({
    jobs: [
      job("J1", { crews: ["A"], promises: [{ what: "arrive", slack_min: 40 }] }),
      job("J2", { crews: ["A"], cls: "P1", promises: [{ slack_min: 20 }, { slack_min: -5 }] }),
      job("J3", { crews: ["B"], outage: "O1", promises: [{ slack_min: 14 }] }),
    ],
    crews: [
      { id: "A", name: "North 1", stops: [{ job: "J1" }, { job: "J2" }] },
      { id: "B", name: "South 2", stops: [{ job: "J3" }] },
      { id: "C", desk: true, stops: [] },
    ],
    outages: [{ id: "O1", jobs: ["J3"] }],
    figures: {},
  });
});

test("the promise that breaks first stands for a job", () => {
  const states = board.day.jobs.map(board.promiseState);
  assert.deepEqual(states, ["kept", "late", "risk"]);
  assert.equal(board.promiseState(job("J9")), "none");
  assert.equal(board.promiseState(job("J9", { promises: [{ slack_min: board.AT_RISK_MIN }] })), "kept");
});

test("filters narrow together", () => {
  board.filter.classes.add("P3");
  board.filter.crew = "A";
  assert.deepEqual(
    board.day.jobs.filter(board.passes).map((one) => one.id),
    ["J1"],
  );
  board.filter.only = "late";
  assert.deepEqual(board.day.jobs.filter(board.passes), []);
});

test("what is selected brings along what belongs to it", () => {
  board.select("outage", "O1");
  assert.deepEqual([...board.related().crews], ["B"]);
  board.select("crew", "A");
  assert.deepEqual([...board.related().jobs], ["J1", "J2"]);
  board.select("job", "nobody");
  assert.equal(board.selection.id, "A");
});

test("a job moved within its route lands where it was dropped", () => {
  assert.deepEqual(moved("J1", "A", "A", 2), { A: ["J2", "J1"], B: ["J3"] });
  assert.deepEqual(moved("J2", "A", "A", 0), { A: ["J2", "J1"], B: ["J3"] });
});

test("a job moved to another crew leaves its own, and an empty route goes", () => {
  assert.deepEqual(moved("J3", "B", "A", 1), { A: ["J1", "J3", "J2"] });
  assert.deepEqual(moved("J3", "B", "C", 0), { A: ["J1", "J2"], C: ["J3"] });
  assert.deepEqual(routesNow(), { A: ["J1", "J2"], B: ["J3"] });
});

test("a crew's own word counts until the order is restored or closed", () => {
  const one = board.day.job.get("J1");
  assert.equal(stateOf(one), "received");
  state.order.set("W-J1", { id: "W-J1", state: "dispatched" });
  state.job.set("J1", { id: "J1", state: "on_site" });
  assert.equal(stateOf(one), "on_site");
  state.order.get("W-J1").state = "restored";
  assert.equal(stateOf(one), "restored");
});

test("names are those of the screens", () => {
  assert.equal(crewName("A"), "North 1");
  assert.equal(crewName("unknown"), "unknown");
  assert.notEqual(crewName("C"), "C");
  assert.equal(signed(1234.4), "+1\u202f234");
  assert.equal(signed(-0.6), "−1");
  assert.equal(signed(0.2), "±0");
  assert.match(title(job("J9", { kind: "switching", title: "open S1, close T2" })), /S1.*T2/);
});
