import { expect, test } from "vitest";

import { amountDigits, amountText, toMoney } from "./money";

test("an amount has the decimals of its currency", () => {
  expect(amountText({ amount: 2800, currency: "EUR" })).toBe("28.00 EUR");
  expect(amountText({ amount: 2800, currency: "JPY" })).toBe("2800 JPY");
  expect(amountText({ amount: 1234, currency: "KWD" })).toBe("1.234 KWD");
  expect(amountText({ amount: 5, currency: "EUR" })).toBe("0.05 EUR");
});

test("money that goes back has a minus sign, and nothing has no currency", () => {
  expect(amountText({ amount: -120, currency: "EUR" })).toBe("−1.20 EUR");
  expect(amountText({ amount: 0, currency: "" })).toBe("0");
});

test("an amount that somebody wrote is read in its currency's decimals, or not at all", () => {
  expect(["4.50", "4,5", " 12 "].map((text) => toMoney(text, "EUR")?.amount)).toEqual([450, 450, 1200]);
  expect(toMoney("2800", "JPY")).toEqual({ amount: 2800, currency: "JPY" });
  expect(["", "4.505", "-1", "1e3", "4.5.0"].map((text) => toMoney(text, "EUR"))).toEqual(Array(5).fill(undefined));
  expect(toMoney("1.5", "JPY")).toBeUndefined();
  expect(toMoney(amountDigits({ amount: 1234, currency: "KWD" }), "KWD")?.amount).toBe(1234);
});
