import assert from "node:assert/strict";
import { test } from "node:test";
import { module, openPage } from "./page.js";

openPage({ stands: true, may: true });
const { reveal, revealAny } = await module("dom");

/** A box of 100 by 100, scrolled to a place, and children in it by their place in its contents. */
const box = (scrollLeft = 0, scrollTop = 0) => ({
  scrollLeft,
  scrollTop,
  getBoundingClientRect: () => ({ left: 0, top: 0, right: 100, bottom: 100 }),
});
const child = (within, left, top, right, bottom) => ({
  getBoundingClientRect: () => ({
    left: left - within.scrollLeft,
    top: top - within.scrollTop,
    right: right - within.scrollLeft,
    bottom: bottom - within.scrollTop,
  }),
});

test("a row wider than its box is shown without a step sideways", () => {
  const board = box(0, 0);
  reveal(board, child(board, 0, 200, 900, 220), { left: 20 });
  assert.deepEqual([board.scrollLeft, board.scrollTop], [0, 128]);
});

test("a bar beyond the right edge is brought in", () => {
  const board = box(0, 0);
  reveal(board, child(board, 300, 10, 340, 30), { left: 20 });
  assert.ok(board.scrollLeft >= 240);
});

test("of several, one that is in sight is enough", () => {
  const list = box(0, 0);
  revealAny(list, [child(list, 0, 500, 100, 520), child(list, 0, 40, 100, 60)]);
  assert.equal(list.scrollTop, 0);
});

test("of several out of sight the first is shown", () => {
  const list = box(0, 0);
  revealAny(list, [child(list, 0, 500, 100, 520), child(list, 0, 840, 100, 860)]);
  assert.equal(list.scrollTop, 428);
});

test("nothing to show moves nothing", () => {
  const list = box(0, 30);
  revealAny(list, []);
  assert.equal(list.scrollTop, 30);
});
