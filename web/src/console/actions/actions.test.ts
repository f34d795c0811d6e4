import { expect, test } from "vitest";

import type { Schema } from "../../api/client";
import { testOrder as order } from "../../orders/test-order";
import { fitting, moneyText, refundable } from "./actions";

const hold: NonNullable<Schema["Order"]["hold"]> = {
  by: { kind: "operator", id: "usr_1" },
  reason: "odd",
  since: "2026-11-21T19:39:53Z",
  until: "2026-11-21T20:39:53Z",
};

test("what can be done follows from the status", () => {
  expect(fitting(order({ status: "confirmed" }))).toEqual(["hold", "cancel"]);
  expect(fitting(order({ status: "confirmed", hold }))).toEqual(["release", "cancel"]);
  expect(fitting(order({ status: "fulfilling", fulfillment_status: "requested" }))).toEqual(["cancel"]);
  expect(fitting(order({ status: "fulfilling", fulfillment_status: "delivered" }))).toEqual([]);
  expect(fitting(order({ status: "needs_attention" }))).toEqual(["retry", "resolve"]);
  expect(fitting(order({ status: "cancelled" }))).toEqual([]);
  expect(fitting(order({ status: "a new one" }))).toEqual([]);
});

test("no more can be refunded than is left", () => {
  const partly = order({
    status: "completed",
    payment_status: "partially_refunded",
    refunded: { amount: 300, currency: "EUR" },
  });
  expect(refundable(partly)).toEqual({ amount: 2500, currency: "EUR" });
  expect(fitting(partly)).toEqual(["refund"]);
  expect(
    fitting(order({ status: "completed", payment_status: "refunded", refunded: { amount: 2800, currency: "EUR" } })),
  ).toEqual([]);
  // An operator closed it: the money was never captured.
  expect(fitting(order({ status: "completed", payment_status: "voided" }))).toEqual([]);
  expect(moneyText("refund", partly)).toBe("25.00 EUR of 28.00 EUR can still be refunded.");
});
