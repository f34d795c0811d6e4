import { expect, test } from "vitest";

import type { Event } from "../../live/connection";
import { durationText, openStep, stepsOf } from "./steps";

let number = 0;
/// An event so many milliseconds after the beginning.
const event = (ms: number, type: string, data: Event["data"] = {}, stream = "ord_1"): Event => ({
  id: `evt_${++number}`,
  position: "0",
  stream,
  version: number,
  type,
  schema: 1,
  occurred_at: new Date(1_000_000 + ms).toISOString(),
  correlation_id: "req_1",
  causation_id: "",
  by: { kind: "system", id: "order" },
  node: "node-1",
  data,
});
const pay = (ms: number, type: string, data: Event["data"] = {}) => event(ms, type, data, "pay_1");
const lee = { courier: "cur_00000000000000000lee", attempt: 2 };
const kim = { courier: "cur_00000000000000000kim", attempt: 1 };
const eur = { amount: 2800, currency: "EUR" };
const placed = [
  event(0, "order.placed"),
  event(3, "order.stock_reserved"),
  pay(4, "payment.intent_recorded", { operation: "authorize", key: "pay_1/authorize" }),
  pay(34, "payment.authorized", { amount: eur }),
  event(40, "order.payment_authorized", { amount: eur }),
  event(40, "order.confirmed"),
  event(42, "delivery.requested", {}, "dlv_1"),
  event(43, "delivery.offered", kim, "dlv_1"),
  event(45, "order.fulfillment_started"),
];
const told = (events: Event[]) =>
  stepsOf(events).map(({ name, from, to, outcome }) => [name, from - 1_000_000, to && to - 1_000_000, outcome]);

test("an order under way has a step for each thing that was done, and one that is open", () => {
  expect(told(placed)).toEqual([
    ["Stock", 0, 3, "reserved"],
    ["Payment", 4, 34, "28.00 EUR authorised"],
    ["Dispatch", 40, 45, "a courier was asked for"],
    ["Finding a courier", 42, 43, "offered to cur_…0kim"],
    ["Offer 1", 43, undefined, "cur_…0kim has been asked"],
  ]);
  const steps = stepsOf(placed);
  expect(openStep(steps)?.name).toBe("Offer 1");
  expect(steps[1]?.key).toBe("pay_1/authorize");
});

test("each offer to a courier is a step with what became of it", () => {
  const events = [
    ...placed,
    event(343, "delivery.declined", { ...kim, reason: "no time" }, "dlv_1"),
    event(344, "delivery.offered", lee, "dlv_1"),
    event(900, "delivery.assigned", lee, "dlv_1"),
    event(1500, "delivery.started", lee, "dlv_1"),
  ];
  const offers = stepsOf(events).filter(({ name }) => name.startsWith("Offer"));
  expect(offers.map(({ outcome }) => outcome)).toEqual(["cur_…0kim declined: no time", "cur_…0lee is under way"]);
  expect(offers[1]?.stretches.map(({ from, to }) => (to ? to - from : undefined))).toEqual([556, 600, undefined]);
});

test("what waits says until when it does, and says it no more when it is over", () => {
  const until = new Date(1_020_000).toISOString();
  const offered = event(43, "delivery.offered", { ...kim, step_by: until }, "dlv_1");
  expect(stepsOf([offered])[0]?.deadline).toBe(1_020_000);
  expect(stepsOf([offered, event(50, "delivery.declined", kim, "dlv_1")])[0]?.deadline).toBeUndefined();
});

test("an order that ends leaves no step open, also when it was resolved by an operator", () => {
  const events = [
    ...placed,
    event(60, "delivery.completed", kim, "dlv_1"),
    pay(70, "payment.intent_recorded", { operation: "capture", key: "k" }),
    pay(80, "payment.declined", { reason: "declined" }),
    event(81, "order.needs_attention", { reason: "the money could not be taken" }),
  ];
  expect(openStep(stepsOf(events))?.name).toBe("Needs attention");
  const resolved = [...events, event(900, "order.resolved", { outcome: "completed" }), event(900, "order.completed")];
  expect(openStep(stepsOf(resolved))).toBeUndefined();
  expect(told(resolved).at(-1)).toEqual(["Needs attention", 81, 900, "an operator closed it as completed"]);
});

test("a provider that does not answer is a step that goes on", () => {
  const [step] = stepsOf([
    pay(0, "payment.intent_recorded", { operation: "authorize", key: "k" }),
    pay(1000, "payment.unknown"),
    pay(3000, "payment.authorized", { amount: eur }),
  ]);
  expect(step?.stretches.map(({ tone }) => tone)).toEqual(["moving", "done"]);
  expect(step?.events).toHaveLength(3);
});

test("durations are as short as they can be", () => {
  expect([0.4, 999, 4100, 125_000, 3_720_000, 90_000_000].map(durationText)).toEqual([
    "0 ms",
    "999 ms",
    "4.1 s",
    "2 min 5 s",
    "1 h 2 min",
    "1 d 1 h",
  ]);
});
