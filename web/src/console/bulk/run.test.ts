import { expect, test } from "vitest";

import { Problem } from "../../api/problem";
import { type Asked, type BulkAction, countsOf, Run } from "./run";

const action = (status: string, ...statuses: string[]): BulkAction => ({
  id: "blk_1",
  action: "hold",
  reason: "to be looked at",
  dry_run: false,
  more: false,
  by: { kind: "operator", id: "usr_1" },
  status,
  counts: { total: statuses.length, done: 0, refused: 0, pending: 0, skipped: 0 },
  created_at: "2026-11-21T19:39:53Z",
  updated_at: "2026-11-21T19:39:53Z",
  version: 1,
  items: statuses.map((one, index) => ({
    order_id: `ord_${index}`,
    status: one,
    ...(one === "refused" && { code: "illegal_transition", detail: "it is delivered" }),
  })),
});
const asked = (change: Partial<Asked>): Asked => ({
  start: () => Promise.resolve(action("running", "pending", "pending")),
  read: () => Promise.resolve(action("finished", "done", "refused")),
  stop: () => Promise.resolve(action("stopped", "done", "skipped")),
  wait: () => Promise.resolve(),
  ...change,
});
const orders = ["ord_0", "ord_1"];

test("what the nodes did is shown for each order", async () => {
  const run = new Run(orders, asked({}));
  await run.over;
  expect(countsOf(run.current().results)).toMatchObject({ done: 1, refused: 1 });
  expect(run.current().results.get("ord_1")).toMatchObject({
    problem: { code: "illegal_transition", message: "it is delivered" },
  });
});

test("a node that does not answer meanwhile is asked again", async () => {
  let failures = 3;
  const waits: number[] = [];
  const read = () =>
    failures-- > 0
      ? Promise.reject(new Problem(0, "unreachable", ""))
      : Promise.resolve(action("finished", "done", "done"));
  const run = new Run(orders, asked({ read, wait: async (ms) => void waits.push(ms) }));
  await run.over;
  expect([countsOf(run.current().results).done, waits]).toEqual([2, [2000, 2000, 2000]]);
});

test("when it cannot be begun, every order says so", async () => {
  const run = new Run(orders, asked({ start: () => Promise.reject(new Problem(403, "forbidden", "")) }));
  await run.over;
  expect(countsOf(run.current().results).refused).toBe(2);
});

test("a stop leaves the others as they are", async () => {
  let run: Run | undefined;
  const read = () => {
    run?.stop();
    return Promise.resolve(action("stopping", "done", "pending"));
  };
  run = new Run(orders, asked({ read, wait: () => new Promise((resolve) => setTimeout(resolve, 0)) }));
  await run.over;
  expect(countsOf(run.current().results)).toMatchObject({ done: 1, stopped: 1 });
});
