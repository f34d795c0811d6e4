import { expect, test } from "vitest";

import type { Schema } from "../api/client";
import { endText } from "./orders";

const order = (rest: object) => ({ status: "fulfilling", payment_status: "authorized", ...rest }) as Schema["Order"];

test("a refusal says why, that nothing was charged, and what now", () => {
  const refused = (reason: string) => endText(order({ status: "rejected", payment_status: "declined", reason }));
  expect(refused("card_declined")).toBe("The bank refused the card. Nothing was charged. Try another card.");
  expect(refused("out_of_stock")).toBe(
    "There was not enough in stock. Nothing was charged. Order less of it, or come back later.",
  );
  expect(refused("the request never arrived")).toBe(
    "The payment provider could not be reached. Nothing was charged. You may order again.",
  );
});

test("a cancelled order says why and where the money is", () => {
  const cancelled = (payment_status: string, reason: string) =>
    endText(order({ status: "cancelled", payment_status, reason }));
  expect(cancelled("voided", "no courier completed it")).toBe("No courier could bring it. Nothing was charged.");
  expect(cancelled("refunded", "changed my mind")).toBe("Reason: Changed my mind. You got your money back.");
  expect(cancelled("captured", "")).toBe("Your money is not given back yet.");
});

test("an order that is paid later says that it waits for that, and afterwards that it was too late", () => {
  expect(endText(order({ status: "placed", payment_status: "awaiting" }))).toBe(
    "It waits to be paid. What you ordered is kept for you until then.",
  );
  expect(endText(order({ status: "cancelled", payment_status: "voided", reason: "not_paid_in_time" }))).toBe(
    "It was not paid in time. Nothing was charged.",
  );
});

test("an order that goes its way has no end", () => {
  expect(endText(order({}))).toBe("");
});
