import { expect, test } from "vitest";

import { amountOf, digitsOf } from "./amounts";

test("what is typed becomes minor units of its currency, without a rounding", () => {
  expect(amountOf("4.5", "EUR")).toBe(450);
  expect(amountOf("0.29", "EUR")).toBe(29);
  expect(amountOf("2800", "JPY")).toBe(2800);
  expect(amountOf("1.234", "KWD")).toBe(1234);
});

test("what the currency cannot hold is refused", () => {
  expect(() => amountOf("1.5", "JPY")).toThrow("JPY has 0 decimals");
  expect(() => amountOf("1.999", "EUR")).toThrow("EUR has 2 decimals");
  expect(() => amountOf("a lot", "EUR")).toThrow("not an amount");
});

test("a price comes back as it was", () => {
  const money = { amount: 1205, currency: "EUR" };
  expect(amountOf(digitsOf(money), "EUR")).toBe(1205);
});
