import { expect, test } from "vitest";

import { barOf, marksOf, markText, zoomed } from "./scale";

const view = { from: 1000, to: 2000 };

test("a bar that reaches over an edge is cut there, and one outside is not shown", () => {
  expect(barOf(view, 1250, 1750)).toEqual({ left: 0.25, width: 0.5 });
  expect(barOf(view, 0, 1500)).toEqual({ left: 0, width: 0.5 });
  expect(barOf(view, 1500, 9000)).toEqual({ left: 0.5, width: 0.5 });
  expect(barOf(view, 2500, 9000)).toBeUndefined();
  expect(barOf(view, 0, 900)).toBeUndefined();
});

test("the marks of the scale are round, from the order's beginning, and few", () => {
  expect(marksOf(view, 1000).map((at) => at - 1000)).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(marksOf({ from: 0, to: 90_000 }, 0)).toEqual([0, 30_000, 60_000, 90_000]);
  expect(marksOf({ from: 1450, to: 1550 }, 1000).map((at) => at - 1000)).toEqual([460, 480, 500, 520, 540]);
  expect(marksOf({ from: 0, to: 86_400_000 * 100 }, 0).length).toBeLessThanOrEqual(7);
});

test("a mark has the largest unit that fits", () => {
  expect([0, 200, 1500, 120_000, 5_400_000].map(markText)).toEqual(["0", "200 ms", "1.5 s", "2 min", "1.5 h"]);
});

test("one zooms in from either side, not beyond the edges, and never to nothing", () => {
  expect(zoomed(view, 0.5, 0.25)).toEqual({ from: 1250, to: 1500 });
  expect(zoomed(view, -1, 0.5)).toEqual({ from: 1000, to: 1500 });
  expect(zoomed(view, 0.5, 0.5)).toEqual({ from: 1500, to: 1510 });
});
