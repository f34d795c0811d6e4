import { expect, test } from "vitest";

// @ts-expect-error a script of the pages that the gateway serves
import { amountText as elsewhere } from "../../../gateway/pages/money.js";
import { amountText } from "./money";

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

test("all pages know the same currencies", () => {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  for (const a of letters)
    for (const b of letters)
      for (const c of letters) {
        const money = { amount: 1234, currency: a + b + c };
        expect(amountText(money)).toBe((elsewhere as typeof amountText)(money));
      }
});
