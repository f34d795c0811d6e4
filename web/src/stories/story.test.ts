import { expect, test } from "vitest";

import { endsOf, seenAt, statusIn, storyOf } from "./story";

const event = (type: string, stream: string, kind: string, id: string, ms: number) => ({
  id: `evt_${type}`,
  type,
  stream,
  by: { kind, id },
  data: {},
  correlation_id: "",
  causation_id: "",
  occurred_at: new Date(Date.parse("2026-11-29T20:00:00Z") + ms).toISOString(),
});
const story = storyOf([
  event("stock.reserved", "prd_1", "system", "order", 4),
  event("order.placed", "ord_1", "customer", "cus_1", 0),
  event("delivery.declined", "dlv_1", "courier", "cur_1", 80),
  event("payment.authorized", "pay_1", "system", "payment", 20),
  event("notification.sent", "ntf_1", "system", "notifier", 90),
]);

test("a message goes from who did it to whose state changed, in the order of time", () => {
  expect(story.map(({ from, to, atMs }) => `${from} ${to} ${atMs}`)).toEqual([
    "gateway order 0",
    "order stock 4",
    "payment payment 20",
    "courier delivery 80",
    "notifier notifier 90",
  ]);
});

test("a replay shows what had happened by then", () => {
  expect([seenAt(story, -1), seenAt(story, 0), seenAt(story, 79), seenAt(story, 1000)]).toEqual([0, 1, 3, 5]);
});

test("without events there is no story", () => {
  expect(storyOf([])).toEqual([]);
});

test("an event that was seen live and is read again is told once", () => {
  const placed = event("order.placed", "ord_1", "customer", "cus_1", 0);
  expect(storyOf([placed, { ...placed }])).toHaveLength(1);
});

test("the status of an order follows from its own events", () => {
  const events = [
    event("order.placed", "ord_1", "customer", "cus_1", 0),
    event("order.placed", "ord_2", "customer", "cus_1", 1),
    event("order.rejected", "ord_2", "system", "order", 2),
    event("order.stock_reserved", "ord_1", "system", "order", 3),
  ];
  expect([statusIn(events, "ord_1"), statusIn(events, "ord_2")]).toEqual(["placed", "rejected"]);
});

test("of a crowd, the ends are counted", () => {
  expect(
    endsOf(
      new Map([
        ["order.placed", 10],
        ["order.rejected", 7],
        ["order.completed", 2],
      ]),
    ),
  ).toEqual([
    { status: "completed", count: 2 },
    { status: "rejected", count: 7 },
  ]);
});
