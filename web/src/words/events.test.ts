import { expect, test } from "vitest";

import { eventText, eventTone } from "./events";

test("an event is told in a sentence, with what its data holds", () => {
  expect(eventText({ type: "order.placed", data: { total: { amount: 2800, currency: "EUR" } } })).toBe(
    "Order placed for 28.00 EUR",
  );
  expect(
    eventText({
      type: "delivery.declined",
      data: { courier: "cur_7r3vr4nm49dybfh4nwy2", reason: "no time", attempt: 1 },
    }),
  ).toBe("Courier cur_…nwy2 declined: No time");
  expect(eventText({ type: "order.rejected", data: { reason: "out_of_stock" } })).toBe(
    "Order rejected: There was not enough in stock",
  );
});

test("data that is missing leaves no odd gap, and a type that is not known is told by its name", () => {
  expect(eventText({ type: "order.placed", data: {} })).toBe("Order placed");
  expect(eventText({ type: "order.taken_over", data: {} })).toBe("Order taken over");
});

test("a colour says whether something needs somebody, was refused or is done", () => {
  expect(["order.needs_attention", "payment.declined", "order.completed", "stock.reserved"].map(eventTone)).toEqual([
    "attention",
    "refused",
    "done",
    "waiting",
  ]);
});
