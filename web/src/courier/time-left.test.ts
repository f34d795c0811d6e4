import { expect, test } from "vitest";

import { clockOffset, durationText, timeLeft } from "./time-left";

const since = "2026-11-29T20:00:00.000Z";
const due = "2026-11-29T20:01:00.000Z";

test("the time runs from whole to nothing, and not below", () => {
  expect(timeLeft(since, due, Date.parse(since))).toEqual({ seconds: 60, share: 1 });
  expect(timeLeft(since, due, Date.parse(due) - 15_000)).toEqual({ seconds: 15, share: 0.25 });
  expect(timeLeft(since, due, Date.parse(due) + 5_000)).toEqual({ seconds: 0, share: 0 });
});

test("a clock that is late shows no more than all of the time", () => {
  expect(timeLeft(since, due, Date.parse(since) - 30_000).share).toBe(1);
});

test("a clock that is wrong is put right, and one that is right stays as it is", () => {
  const now = Date.parse(since);
  expect(clockOffset("Sun, 29 Nov 2026 20:05:00 GMT", now)).toBe(300_000);
  expect(clockOffset("Sun, 29 Nov 2026 20:00:01 GMT", now)).toBe(0);
  expect(clockOffset(null, now)).toBe(0);
});

test("a duration is as long as it needs to be", () => {
  expect([9, 99, 100, 3599, 6600, 7200].map(durationText)).toEqual([
    "9 s",
    "99 s",
    "1 min",
    "59 min",
    "1 h 50 min",
    "2 h",
  ]);
});
