import assert from "node:assert/strict";
import { test } from "node:test";
import { module } from "./page.js";

const { linesOf, unpack, worldPixel } = await module("lines");

/** Lines as the server packs them: two bytes per step, the low ones first. */
function packed(chains, ranks, corner = [-71.3, -30], step = [1e-5, 1e-5]) {
  const points = chains.flat();
  const steps = [0, 1].map((axis) => points.map((at, i) => (at[axis] - (points[i - 1]?.[axis] ?? 0)) & 65535));
  const numbers = [...steps, chains.map((chain) => chain.length)];
  const bytes = numbers.flatMap((row) => [...row.map((n) => n & 255), ...row.map((n) => n >> 8)]);
  const head = new Float64Array([...corner, ...step, points.length, chains.length]);
  return Uint8Array.from([...new Uint8Array(head.buffer), ...bytes, ...ranks]).buffer;
}

test("two roads come back as their three lines, each with its rank and place", () => {
  const lines = unpack(
    packed(
      [
        [
          [0, 0],
          [100, 0],
          [100, 50],
        ],
        [
          [40000, 7],
          [39990, 900],
        ],
      ],
      [1, 2],
    ),
  );
  assert.equal(lines.m, 3);
  assert.deepEqual([...lines.rank], [1, 1, 2]);
  const [x, y] = worldPixel(-71.3 + 0.4, -30 + 7e-5);
  assert.ok(Math.abs(lines.x0 + lines.x[4] - x) < 0.01);
  assert.ok(Math.abs(lines.y0 + lines.y[4] - y) < 0.01);
});

test("what several routes share is drawn once for each rank", () => {
  const route = { x: [10, 20, 30], y: [5, 5, 5], rank: 0 };
  assert.equal(linesOf([route, route]).m, 2);
  assert.equal(linesOf([route, { ...route, rank: 1 }]).m, 4);
  assert.equal(linesOf([]).m, 0);
});
