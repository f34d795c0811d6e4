import { expect, test } from "vitest";

import type { Schema } from "../../api/client";
import { testOrder } from "../../orders/test-order";
import { groupsOf, kindOf, sumsOf } from "./reconcile";

const now = Date.parse("2026-11-29T20:00:00Z");
const order = (change: Partial<Schema["Order"]>) =>
  testOrder({ total: { amount: 650, currency: "EUR" }, updated_at: "2026-11-29T19:59:59Z", ...change });
const longAgo = "2026-11-29T19:50:00Z";

test("money of which nobody knows where it is comes first, whatever the order does", () => {
  expect(kindOf(order({ payment_status: "unknown" }), now)).toBe("unanswered");
  expect(kindOf(order({ status: "cancelling", payment_status: "unknown" }), now)).toBe("unanswered");
});

test("an order that waits for a person is here while money may be in the wrong place", () => {
  expect(kindOf(order({ status: "needs_attention", payment_status: "authorized" }), now)).toBe("attention");
  expect(kindOf(order({ status: "needs_attention", payment_status: "declined" }), now)).toBeUndefined();
});

test("a step with money that takes long is here, one that has just begun and a payer who may take time are not", () => {
  expect(kindOf(order({}), now)).toBeUndefined();
  expect(kindOf(order({ updated_at: longAgo }), now)).toBe("waiting");
  expect(kindOf(order({ updated_at: longAgo, payment_status: "awaiting" }), now)).toBeUndefined();
  expect(kindOf(order({ updated_at: longAgo, status: "completed", payment_status: "captured" }), now)).toBeUndefined();
});

test("an order that was read twice is shown once, and the oldest of a group first", () => {
  const unknown = { payment_status: "unknown" };
  const groups = groupsOf(
    [
      order({ id: "ord_2", ...unknown }),
      order({ id: "ord_1", ...unknown, updated_at: longAgo }),
      order({ id: "ord_2", ...unknown }),
    ],
    now,
  );
  expect(groups.map(({ kind, orders }) => [kind, orders.map(({ id }) => id)])).toEqual([
    ["unanswered", ["ord_1", "ord_2"]],
    ["attention", []],
    ["waiting", []],
  ]);
});

test("amounts of different currencies are never added", () => {
  expect(sumsOf([order({}), order({ total: { amount: 5, currency: "JPY" } }), order({})])).toEqual([
    { amount: 1300, currency: "EUR" },
    { amount: 5, currency: "JPY" },
  ]);
});
