import { expect, test } from "vitest";

import { seenAt, storyOf } from "./story";

const event = (type: string, stream: string, kind: string, id: string, ms: number) => ({
  id: `evt_${type}`, type, stream, by: { kind, id }, data: {}, occurred_at: new Date(Date.parse("2026-11-29T20:00:00Z") + ms).toISOString(),
});
const story = storyOf([
  event("stock.reserved", "prd_1", "system", "order", 4),
  event("order.placed", "ord_1", "customer", "cus_1", 0),
  event("delivery.declined", "dlv_1", "courier", "cur_1", 80),
  event("payment.authorized", "pay_1", "system", "payment", 20),
  event("notification.sent", "ntf_1", "system", "notifier", 90),
]);

test("a message goes from who did it to whose state changed, in the order of time", () => {
  expect(story.map(({ from, to, atMs }) => `${from} ${to} ${atMs}`))
    .toEqual(["gateway order 0", "order stock 4", "payment payment 20", "courier delivery 80", "notifier notifier 90"]);
});

test("a replay shows what had happened by then", () => {
  expect([seenAt(story, -1), seenAt(story, 0), seenAt(story, 79), seenAt(story, 1000)]).toEqual([0, 1, 3, 5]);
});

test("without events there is no story", () => {
  expect(storyOf([])).toEqual([]);
});
