import type { Schema } from "../../api/client";
import { amountDigits } from "../../words/money";

type Order = Schema["Order"];

/// A spreadsheet runs what begins like this; with an apostrophe before it, it is a text.
const runs = /^[=+\-@\t\r]/;

function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = runs.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const columns: [name: string, of: (order: Order) => string | number][] = [
  ["id", ({ id }) => id],
  ["status", ({ status }) => status],
  ["payment_status", ({ payment_status }) => payment_status],
  ["fulfillment_status", ({ fulfillment_status }) => fulfillment_status],
  ["customer_id", ({ customer_id }) => customer_id],
  ["recipient", ({ delivery }) => delivery.name],
  ["address", ({ delivery }) => delivery.address],
  ["lines", ({ lines }) => lines.map(({ sku, quantity }) => `${quantity} ${sku}`).join("; ")],
  ["total", ({ total }) => amountDigits(total)],
  ["currency", ({ total }) => total.currency],
  ["reason", ({ reason = "" }) => reason],
  ["created_at", ({ created_at }) => created_at],
  ["updated_at", ({ updated_at }) => updated_at],
];

/// Orders as a table for a spreadsheet (RFC 4180).
export const toCsv = (orders: readonly Order[]) =>
  [columns.map(([name]) => name), ...orders.map((order) => columns.map(([, of]) => cell(of(order))))]
    .map((row) => `${row.join(",")}\r\n`)
    .join("");
