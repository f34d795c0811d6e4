import { expect, test } from "vitest";

import { countOf, readCart, totals, withQuantity } from "./cart";

const tea = { id: "prd_1", name: "Tea", price: { amount: 450, currency: "EUR" } };
const rice = { id: "prd_2", name: "Rice", price: { amount: 300, currency: "JPY" } };

test("a product is in the cart once, with its latest quantity", () => {
  const lines = withQuantity(withQuantity(withQuantity([], tea, 1), rice, 2), tea, 3);
  expect(lines.map(({ product, quantity }) => [product.id, quantity])).toEqual([
    ["prd_1", 3],
    ["prd_2", 2],
  ]);
  expect(countOf(lines)).toBe(5);
});

test("none of a product takes it out", () => {
  expect(withQuantity(withQuantity([], tea, 1), tea, 0)).toEqual([]);
  expect(withQuantity([], tea, 0)).toEqual([]);
  expect(withQuantity(withQuantity([], tea, 1), tea, -4)).toEqual([]);
});

test("nobody orders more of one than the API takes", () => {
  expect(withQuantity([], tea, 1_000_000)[0]?.quantity).toBe(10_000);
});

test("currencies are not added up", () => {
  expect(
    totals([
      { product: tea, quantity: 2 },
      { product: rice, quantity: 1 },
    ]),
  ).toEqual([
    { amount: 900, currency: "EUR" },
    { amount: 300, currency: "JPY" },
  ]);
});

test("a cart comes back from what was stored, and what is no cart is an empty one", () => {
  const lines = withQuantity([], tea, 2);
  expect(readCart(JSON.stringify(lines))).toEqual(lines);
  for (const bad of [
    null,
    "",
    "{",
    "7",
    '[{"product":{"id":"prd_1"},"quantity":1}]',
    '[{"product":null,"quantity":1}]',
  ])
    expect(readCart(bad)).toEqual([]);
});
