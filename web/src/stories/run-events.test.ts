import { expect, test } from "vitest";

import { mostOrders, orderOf, RunEvents } from "./run-events";

let count = 0;
const event = (
  type: string,
  stream: string,
  correlation_id: string,
  data: Record<string, unknown> = {},
  causation_id = "",
) => ({
  id: `evt_${++count}`,
  type,
  stream,
  correlation_id,
  causation_id,
  data,
  by: { kind: "system", id: "order" } as const,
  occurred_at: "2026-11-29T20:00:00Z",
});

test("an order is found in the stream, in the data, or in what caused the event", () => {
  expect(orderOf(event("payment.captured", "pay_1a", ""))).toBe("ord_1a");
  expect(orderOf(event("notification.sent", "ntf_notifier", "", { order: "ord_2b" }))).toBe("ord_2b");
  expect(orderOf(event("stock.low", "prd_9", "", {}, "ord_3c/reserve_stock"))).toBe("ord_3c");
  expect(orderOf(event("product.created", "prd_9", ""))).toBeUndefined();
});

test("a run has the events that its requests led to, and what else happened to its orders", () => {
  const run = new RunEvents();
  run.nameRun("run_1");
  run.take(event("notification.sent", "ntf_notifier", "", { order: "ord_1" }));
  run.take(event("order.placed", "ord_1", "run_1-3"));
  run.take(event("order.placed", "ord_2", "run_12-3"));
  run.take(event("order.placed", "ord_3", "req_1"));
  run.take(event("notification.sent", "ntf_notifier", "", { order: "ord_1" }));
  expect(run.events.map(({ type }) => type)).toEqual(["order.placed", "notification.sent"]);
});

test("what comes before the run's id is known is not lost", () => {
  const run = new RunEvents();
  run.take(event("order.placed", "ord_1", "run_1-3"));
  run.take(event("order.placed", "ord_2", "run_2-3"));
  expect(run.events).toEqual([]);
  run.nameRun("run_1");
  expect(run.events.map(({ stream }) => stream)).toEqual(["ord_1"]);
});

test("of a crowd, the first are drawn and all are counted", () => {
  const run = new RunEvents();
  run.nameRun("run_1");
  for (let order = 0; order < 2000; ++order) run.take(event("order.placed", `ord_${order}`, `run_1-${order}`));
  expect(run.events).toHaveLength(mostOrders);
  expect(run.counts.get("order.placed")).toBe(2000);
  expect(run.drawnOrders()).toEqual(["ord_0", "ord_1", "ord_2", "ord_3", "ord_4"]);
});

test("what is kept has a limit", () => {
  const run = new RunEvents();
  for (let index = 0; index < 20_000; ++index) run.take(event("order.placed", "ord_1", "run_1-1"));
  run.nameRun("run_1");
  for (let index = 0; index < 20_000; ++index) run.take(event("order.placed", "ord_1", "run_1-1"));
  expect(run.events.length).toBeLessThanOrEqual(1000);
  expect(run.counts.get("order.placed")).toBe(25_000);
});
