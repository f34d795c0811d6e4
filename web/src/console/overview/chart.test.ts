import { expect, test } from "vitest";

import { ceiling, pathOf } from "./Chart";

test("the axis ends at a round number that all values fit under", () => {
  expect([0, 0.3, 1, 3, 17, 64, 1000].map(ceiling)).toEqual([1, 0.5, 1, 5, 20, 100, 1000]);
});

test("what is not known is a gap in the line, not a zero", () => {
  expect(pathOf([0, null, 10], 10)).toBe("M0.0 120.0M600.0 0.0");
  expect(pathOf([0, 5, 10], 10)).toBe("M0.0 120.0L300.0 60.0L600.0 0.0");
});
