import { expect, test } from "vitest";

import { Problem } from "../../api/problem";
import { countsOf, Run } from "./run";

const ids = (count: number) => Array.from({ length: count }, (_, index) => `ord_${index}`);
const noWait = () => Promise.resolve();

test("each order has its result, and one that is refused stops no other", async () => {
  const run = new Run(ids(10), async (id) => {
    if (id === "ord_3") throw new Problem(409, "illegal_transition", "it is delivered");
  }, noWait);
  await run.over;
  expect(countsOf(run.current().results)).toMatchObject({ done: 9, refused: 1, pending: 0 });
  expect(run.current().results.get("ord_3")).toMatchObject({ status: "refused", problem: { message: "it is delivered" } });
  expect(run.current().isOver).toBe(true);
});

test("a few are under way at once, never more", async () => {
  let [now, most] = [0, 0];
  await new Run(ids(50), async () => {
    most = Math.max(most, ++now);
    await noWait();
    --now;
  }, noWait).over;
  expect(most).toBe(4);
});

test("after a stop no order is begun, and those that were left are told", async () => {
  const begun: string[] = [];
  const run: Run = new Run(ids(100), async (id) => {
    begun.push(id);
    await noWait();
    if (begun.length >= 8) run.stop();
  }, noWait);
  await run.over;
  const { done, stopped } = countsOf(run.current().results);
  expect(done).toBe(begun.length);
  expect(done + stopped).toBe(100);
  expect(stopped).toBeGreaterThan(80);
});

test("a node that is too busy is asked again after the time that it says, and not for ever", async () => {
  const waits: number[] = [];
  let busy = 2;
  const wait = (ms: number) => (waits.push(ms), noWait());
  const once = new Run(ids(1), async () => {
    if (busy-- > 0) throw new Problem(429, "rate_limited", "", "", [], 3);
  }, wait);
  await once.over;
  expect([waits, countsOf(once.current().results).done]).toEqual([[3000, 3000], 1]);
  const never = new Run(ids(1), () => Promise.reject(new Problem(503, "unavailable", "")), noWait);
  await never.over;
  expect(countsOf(never.current().results).refused).toBe(1);
});

test("a thousand in one go, no more", () => {
  expect(() => new Run(ids(1001), noWait, noWait)).toThrow("at most 1000");
});
