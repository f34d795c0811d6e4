import { expect, test } from "vitest";

import type { Event } from "../../live/connection";
import { brings, chipText, orderOf, searched, toFilters, toQuery } from "./filters";

const event = (type: string, data: Event["data"] = {}): Event => ({
  id: "evt_1",
  position: "0",
  stream: "ord_1",
  version: 1,
  type,
  schema: 1,
  occurred_at: "2026-11-29T12:00:00.000000Z",
  correlation_id: "",
  causation_id: "",
  by: { kind: "system", id: "order" },
  node: "node-1",
  data,
});
const placed = event("order.placed", { customer: "cus_1", lines: [{ product: "prd_1" }] });

test("what stands in the address is a query, and what is not known is left out", () => {
  const filters = toFilters({ status: "needs_attention", customer: " cus_1 ", colour: "red", q: "", retrying: true });
  expect(filters).toEqual({ status: "needs_attention", customer: "cus_1", retrying: "true" });
  expect(toQuery(filters)).toEqual({ status: ["needs_attention"], customer_id: "cus_1", retrying: true });
});

test("a chip says its filter in words", () => {
  expect(chipText("status", "placed,needs_attention")).toBe("Placed, Needs attention");
  expect(chipText("waits", "courier")).toBe("waits for a courier");
});

test("an order that is placed comes into the list of all, and into those whose filter it fits", () => {
  expect(brings({}, placed)).toBe(true);
  expect(brings({ customer: "cus_1", product: "prd_1" }, placed)).toBe(true);
  expect(brings({ customer: "cus_2" }, placed)).toBe(false);
  expect(brings({ product: "prd_2" }, placed)).toBe(false);
  expect(brings({ before: "2026-11-29T11:00:00Z" }, placed)).toBe(false);
  expect(brings({}, event("order.completed"))).toBe(false);
});

test("an order that needs attention comes into the list of those that do", () => {
  expect(brings({ status: "needs_attention" }, event("order.needs_attention"))).toBe(true);
  expect(brings({ status: "needs_attention" }, placed)).toBe(false);
});

test("what an event does not say is not claimed", () => {
  expect(brings({ q: "ada" }, placed)).toBe("unknown");
  expect(brings({ status: "needs_attention", customer: "cus_1" }, event("order.needs_attention"))).toBe("unknown");
});

test("a number is looked for as it is shown, and a whole one names its order", () => {
  expect(["ord_…662e", "…662E", "ada …662e", "tea"].map(searched)).toEqual(["662e", "662e", "ada …662e", "tea"]);
  expect(orderOf("ord_06gz71vteafvxyq4662e")).toBe("ord_06gz71vteafvxyq4662e");
  expect(orderOf("662e")).toBeUndefined();
});
