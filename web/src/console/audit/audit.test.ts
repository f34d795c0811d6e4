import { expect, test } from "vitest";

import { type Audit, coverageOf, isAboutMoney, placeOf } from "./audit";

const audit = (change: Partial<Audit>): Audit => ({
  open: [],
  found: [],
  events: 10,
  units: 2,
  position: "1",
  behind_ms: 0,
  walked_at: "2026-11-29T20:00:00Z",
  saved_at: "2026-11-29T20:00:00Z",
  ...change,
});
const violation = (invariant: string, subject: string) => ({
  invariant,
  subject,
  detail: "",
  found_at: "2026-11-29T20:00:00Z",
});

test("a violation leads to the page of what it is about", () => {
  expect(placeOf("ord_06gz71vteafvxyq4662e")).toEqual({ to: "/orders/ord_06gz71vteafvxyq4662e" });
  expect(placeOf("ledger:pay_06gz71vteafvxyq4662e/capture")).toEqual({
    to: "/orders/ord_06gz71vteafvxyq4662e",
    search: { tab: "payment" },
  });
  expect(placeOf("prd_06gz71vteafvxyq4662e")).toEqual({ to: "/products" });
  expect(placeOf("cluster")).toBeUndefined();
});

test("what is about money is known by its invariant and its subject", () => {
  expect(isAboutMoney(violation("I7", "ledger:x"))).toBe(true);
  expect(isAboutMoney(violation("I4", "pay_1"))).toBe(true);
  expect(isAboutMoney(violation("I2", "prd_1"))).toBe(false);
});

test("that nothing is found means nothing while nobody looked, or looks too late", () => {
  const lasts = (ms: number) => `${ms} ms`;
  expect(coverageOf(audit({ saved_at: null }), lasts).isWell).toBe(false);
  expect(coverageOf(audit({ behind_ms: 120_000 }), lasts)).toEqual({
    isWell: false,
    text: "It is 120000 ms behind the log.",
  });
  expect(coverageOf(audit({ walked_at: null }), lasts).isWell).toBe(true);
  expect(coverageOf(audit({}), lasts).isWell).toBe(true);
});
