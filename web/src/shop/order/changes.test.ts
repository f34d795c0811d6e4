import { expect, test } from "vitest";

import { changesOf, type Wish } from "./changes";

const money = { amount: 650, currency: "EUR" };
const line = (product_id: string, quantity: number) => ({
  product_id,
  sku: product_id,
  name: product_id,
  quantity,
  unit_price: money,
  total: money,
});
const order = {
  delivery: { name: "Ada", address: "Main Street 1" },
  note: "ring twice",
  lines: [line("prd_1", 2), line("prd_2", 1)],
};
const wish: Wish = { ...order.delivery, note: order.note, lines: order.lines };

test("nothing is sent when nothing is wanted", () => {
  expect(changesOf(order, wish)).toBeUndefined();
  expect(changesOf(order, { ...wish, name: " Ada ", note: "ring twice " })).toBeUndefined();
});

test("only what changes is sent", () => {
  expect(changesOf(order, { ...wish, address: "Main Street 2" })).toEqual({ delivery: { address: "Main Street 2" } });
  expect(changesOf(order, { ...wish, note: "" })).toEqual({ note: null });
});

test("other quantities are all lines that remain", () => {
  const lines = [line("prd_1", 3), line("prd_2", 0)];
  expect(changesOf(order, { ...wish, lines })).toEqual({ lines: [{ product_id: "prd_1", quantity: 3 }] });
});
