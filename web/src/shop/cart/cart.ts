import { useSyncExternalStore } from "react";

import type { Schema } from "../../api/client";

type Product = Schema["Product"];

/// The product as it was when it was put in; the node looks up price and stock again when one orders.
export interface CartLine {
  product: Pick<Product, "id" | "name" | "price">;
  quantity: number;
}

const kept = "waybill.cart";
/// As the API has it.
export const mostOfOne = 10_000;

const isLine = (value: unknown): value is CartLine => {
  if (typeof value !== "object" || value === null || !("product" in value) || !("quantity" in value)) return false;
  const { product, quantity } = value as CartLine;
  return (
    typeof product?.id === "string" &&
    typeof product.name === "string" &&
    Number.isInteger(product.price?.amount) &&
    typeof product.price.currency === "string" &&
    Number.isInteger(quantity) &&
    quantity > 0
  );
};

/// What was stored before, by this version or another; what is not a cart is an empty one.
export function readCart(text: string | null): CartLine[] {
  try {
    const stored: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(stored) ? stored.filter(isLine) : [];
  } catch {
    return [];
  }
}

/// The cart with `quantity` of a product; zero takes it out.
export function withQuantity(lines: readonly CartLine[], product: CartLine["product"], quantity: number): CartLine[] {
  const wanted = Math.min(Math.max(quantity, 0), mostOfOne);
  const { id, name, price } = product;
  const line = { product: { id, name, price }, quantity: wanted };
  if (!lines.some((one) => one.product.id === id)) return wanted > 0 ? [...lines, line] : [...lines];
  return lines.flatMap((one) => (one.product.id !== id ? [one] : wanted > 0 ? [line] : []));
}

export const countOf = (lines: readonly CartLine[]) => lines.reduce((sum, { quantity }) => sum + quantity, 0);

/// A sum for each currency: an order has one currency only.
export function totals(lines: readonly CartLine[]): Schema["Money"][] {
  const sums = new Map<string, number>();
  for (const {
    product: { price },
    quantity,
  } of lines)
    sums.set(price.currency, (sums.get(price.currency) ?? 0) + price.amount * quantity);
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}

// -- the cart of this browser: kept over a reload, the same in all tabs -----------------------------------------------

let lines: readonly CartLine[] = typeof localStorage === "undefined" ? [] : readCart(localStorage.getItem(kept));
const watchers = new Set<() => void>();

function put(next: readonly CartLine[], store = true) {
  lines = next;
  if (store) localStorage.setItem(kept, JSON.stringify(next));
  for (const tell of watchers) tell();
}

export const setQuantity = (product: CartLine["product"], quantity: number) =>
  put(withQuantity(lines, product, quantity));
export const emptyCart = () => put([]);

if (typeof addEventListener !== "undefined")
  addEventListener("storage", ({ key, newValue }) => {
    if (key === kept || key === null) put(readCart(newValue), false);
  });

const watch = (tell: () => void) => {
  watchers.add(tell);
  return () => watchers.delete(tell);
};

export const useCart = () => useSyncExternalStore(watch, () => lines);
