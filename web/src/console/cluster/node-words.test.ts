import { expect, test } from "vitest";

import { leaseText, stateOf } from "./node-words";

const up = { state: "up", reachable: true, suspects: [] };

test("a node that is up but cannot be reached is not called up", () => {
  expect(stateOf(up).text).toBe("Up");
  expect(stateOf({ ...up, reachable: false })).toEqual({ text: "Cannot be reached", tone: "refused" });
  expect(stateOf({ ...up, suspects: ["b"] }).tone).toBe("attention");
  expect(stateOf({ ...up, state: "dead" }).tone).toBe("refused");
});

test("a lease says how long it holds, or that it ran out", () => {
  const now = Date.parse("2026-11-29T20:00:00Z");
  expect(leaseText("2026-11-29T20:00:04Z", now)).toBe("holds for 4 s");
  expect(leaseText("2026-11-29T19:59:58Z", now)).toBe("ran out 2 s ago");
  expect(leaseText(null, now)).toBe("none needed: it is alone");
});
