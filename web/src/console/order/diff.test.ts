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

test("what came and what went is told whole", () => {
  expect(differences({ reason: "late" }, { hold: { by: "ann" } })).toEqual([
    { path: "hold", before: "—", after: '{"by":"ann"}' },
    { path: "reason", before: "late", after: "—" },
  ]);
  expect(differences({ lines: [1] }, { lines: [1] })).toEqual([]);
});
