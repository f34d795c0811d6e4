import type { Schema } from "../api/client";

/// An order for tests: just placed, over 28.00 EUR, but for what `change` says.
export const testOrder = (change: Partial<Schema["Order"]>): Schema["Order"] => ({
  id: "ord_1",
  customer_id: "cus_1",
  status: "placed",
  payment_status: "pending",
  fulfillment_status: "none",
  lines: [],
  total: { amount: 2800, currency: "EUR" },
  payment: { method: "card" },
  delivery: { name: "Ada", address: "Main Street 1" },
  note: "",
  created_at: "2026-11-21T19:39:53Z",
  updated_at: "2026-11-21T19:39:53Z",
  version: 1,
  ...change,
});
