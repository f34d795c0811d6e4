import { expect, test } from "vitest";

import { durationText, exactTime, relativeTime } from "./times";

const now = new Date(2026, 10, 29, 20, 0, 0);
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

test("what is near is told by its distance", () => {
  expect(relativeTime(before(3), now)).toBe("just now");
  expect(relativeTime(before(300), now)).toBe("5 min ago");
  expect(relativeTime(before(2 * 3600), now)).toBe("today 18:00");
});

test("what is far is told by its day, and by its year when that is another", () => {
  expect(relativeTime(before(3 * 86400), now)).toBe("26 Nov");
  expect(relativeTime(before(400 * 86400), now)).toBe("25 Oct 2025");
});

test("a clock that is behind shows nothing odd", () => {
  expect(relativeTime(before(-20), now)).toBe("just now");
});

test("an exact time says its zone", () => {
  expect(exactTime(before(0))).toMatch(/UTC|GMT|[A-Z]{3,4}$/);
});

test("what something took is told in the units that one would say", () => {
  expect([4.4, 1234, 59_400, 200_000, 3_600_000, 7_500_000].map(durationText)).toEqual([
    "4 ms",
    "1.2 s",
    "59 s",
    "3 min 20 s",
    "1 h",
    "2 h 5 min",
  ]);
});
