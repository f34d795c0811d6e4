import { beforeEach, expect, test } from "vitest";

import { bucketMs, percentile, Throughput } from "./throughput";

const start = Date.parse("2026-11-29T20:00:00.000Z");
let now: number;
let throughput: Throughput;
const tell = (type: string, stream: string, ms: number) =>
  throughput.take({ type, stream, occurred_at: new Date(start + ms).toISOString() });

beforeEach(() => {
  now = start;
  throughput = new Throughput(
    () => now,
    () => 0.999,
  );
});

test("orders are counted by the second and outcome, and a quiet time that was followed is a zero", () => {
  throughput.begin();
  for (let order = 0; order < 10; order += 1) tell("order.placed", `ord_${order}`, 100);
  tell("order.rejected", "ord_0", 200);
  now = start + 2 * bucketMs;
  const { placed, refused } = throughput.series();
  expect(placed.slice(-3)).toEqual([null, 2, 0]);
  expect(refused.at(-2)).toBe(0.2);
});

test("the time from placed to delivered is that of orders whose whole way was seen", () => {
  throughput.begin();
  tell("order.placed", "ord_1", 0);
  tell("order.delivered", "ord_1", 400);
  tell("order.delivered", "ord_2", 500);
  now = start + bucketMs;
  const { p50, p99, measured } = throughput.series();
  expect([p50.at(-1), p99.at(-1), measured]).toEqual([400, 400, 1]);
});

test("while nobody looked nothing is known: neither counts nor durations over the gap", () => {
  throughput.begin();
  tell("order.placed", "ord_1", 0);
  now = start + bucketMs;
  throughput.end();
  now = start + 4 * bucketMs;
  throughput.begin();
  tell("order.delivered", "ord_1", 4 * bucketMs);
  now = start + 5 * bucketMs;
  const { placed, measured } = throughput.series();
  expect(placed.slice(-5)).toEqual([0.2, null, null, null, 0]);
  expect(measured).toBe(0);
});

test("thousands of orders in a second keep a bounded number of samples, chosen of all", () => {
  throughput.begin();
  for (let order = 0; order < 3_000; order += 1) {
    tell("order.placed", `ord_${order}`, 0);
    tell("order.delivered", `ord_${order}`, 10);
  }
  expect(JSON.stringify([...Object.values(throughput)].filter((value) => Array.isArray(value))).length).toBeLessThan(
    3000,
  );
});

test("a clock that is ahead of the node's moves nothing out of the picture", () => {
  now = start + 3_600_000;
  throughput.begin();
  tell("order.placed", "ord_1", 0);
  now += bucketMs;
  expect(throughput.series().placed.at(-1)).toBe(0.2);
});

test("a percentile is a value that was measured", () => {
  expect(percentile([], 0.5)).toBeNull();
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
});
