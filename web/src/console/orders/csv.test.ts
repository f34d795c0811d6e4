import { expect, test } from "vitest";

import type { Schema } from "../../api/client";
import { testOrder } from "../../orders/test-order";
import { toCsv } from "./csv";

const order = (change: Partial<Schema["Order"]>) => testOrder({ total: { amount: 1234, currency: "KWD" }, ...change });

test("a table has a row of names and a row for each order, with amounts as their currency is written", () => {
  const [names, row, end] = toCsv([order({})]).split("\r\n");
  expect(names?.split(",").slice(0, 2)).toEqual(["id", "status"]);
  expect(row).toContain("1.234,KWD");
  expect(end).toBe("");
});

test("what a customer wrote ends no cell and is run by no spreadsheet", () => {
  const text = toCsv([order({ delivery: { name: '=HYPERLINK("x")', address: 'Main Street "1",\nAda' } })]);
  expect(text).toContain(`"'=HYPERLINK(""x"")"`);
  expect(text).toContain('"Main Street ""1"",\nAda"');
  expect(toCsv([order({ delivery: { name: "-1", address: "@x" } })])).toContain("'-1,'@x");
});
