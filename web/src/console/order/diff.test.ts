import { expect, test } from "vitest";

import { differences } from "./diff";

test("values that differ are named by their path, those that do not are left out", () => {
  const before = { status: "placed", total: { amount: 5, currency: "EUR" }, lines: [{ quantity: 1 }], version: 1 };
  const after = { status: "confirmed", total: { amount: 5, currency: "EUR" }, lines: [{ quantity: 2 }], version: 2 };
  expect(differences(before, after)).toEqual([
    { path: "status", before: "placed", after: "confirmed" },
    { path: "lines.0.quantity", before: "1", after: "2" },
    { path: "version", before: "1", after: "2" },
  ]);
});

test("amounts are told with the decimals of their currency, whole and within what came", () => {
  const euros = (amount: number) => ({ amount, currency: "EUR" });
  expect(differences({ total: euros(950), refunded: euros(0) }, { total: euros(950), refunded: euros(499) })).toEqual([
    { path: "refunded", before: "0.00 EUR", after: "4.99 EUR" },
  ]);
  expect(differences({}, { refunded: euros(1), lines: [{ unit_price: { amount: 2800, currency: "JPY" } }] })).toEqual([
    { path: "refunded", before: "—", after: "0.01 EUR" },
    { path: "lines", before: "—", after: '[{"unit_price":"2800 JPY"}]' },
  ]);
});

test("what came and what went is told whole", () => {
  expect(differences({ reason: "late" }, { hold: { by: "ann" } })).toEqual([
    { path: "hold", before: "—", after: '{"by":"ann"}' },
    { path: "reason", before: "late", after: "—" },
  ]);
  expect(differences({ lines: [1] }, { lines: [1] })).toEqual([]);
});
