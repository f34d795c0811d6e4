import { expect, test } from "vitest";

import { percentText, shareOf, stepText, timeText } from "./latency";

const half = 1_800_000_000;

test("a time is as exact as it needs to be, and what cannot be told is said so", () => {
  expect(timeText(420, half)).toBe("0.4 ms");
  expect(timeText(9_940, half)).toBe("9.9 ms");
  expect(timeText(12_300, half)).toBe("12 ms");
  expect(timeText(1_200_000, half)).toBe("1.2 s");
  expect(timeText(half, half)).toBe("more than 30 min");
});

test("bars grow with the powers of ten, from what can be seen to the whole width", () => {
  const shares = [500, 10_000, 100_000, 1_000_000].map((us) => shareOf(us, 1_000_000));
  expect(shares.map((share) => Math.round(share * 100))).toEqual([2, 33, 67, 100]);
  // When all is quick, the slowest fills the width all the same.
  expect(shareOf(800, 800)).toBe(1);
  expect(percentText(shareOf(10, 800))).toBe("2.0%");
});

test("a step that is not known is shown as it is", () => {
  expect([stepText("courier"), stepText("teleport")]).toEqual(["Brought by a courier", "teleport"]);
});
