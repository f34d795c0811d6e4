import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Throttle } from "./throttle";

let calls: number;
let throttle: Throttle;

beforeEach(() => {
  vi.useFakeTimers();
  calls = 0;
  throttle = new Throttle(() => ++calls, 1000);
});
afterEach(() => vi.useRealTimers());

test("the first is done at once, the next ones together at the end of the interval", () => {
  throttle.ask();
  expect(calls).toBe(1);
  for (let event = 0; event < 500; ++event) throttle.ask();
  vi.advanceTimersByTime(999);
  expect(calls).toBe(1);
  vi.advanceTimersByTime(1);
  expect(calls).toBe(2);
  throttle.ask();
  expect(calls).toBe(2);
  vi.advanceTimersByTime(1000);
  expect(calls).toBe(3);
});

test("after a quiet interval it is done at once again", () => {
  throttle.ask();
  vi.advanceTimersByTime(1000);
  throttle.ask();
  expect(calls).toBe(2);
});

test("nothing is done after its end", () => {
  throttle.ask();
  throttle.ask();
  throttle.end();
  vi.advanceTimersByTime(5000);
  expect(calls).toBe(1);
});
