import type { paths } from "../../api/schema";
import type { Event } from "../../live/connection";
import { orderStatusText } from "../../words/operator";

/// What the list shows, as it stands in the address. A status may be several, with commas.
export interface Filters {
  status?: string;
  customer?: string;
  product?: string;
  q?: string;
  waits?: string;
  retrying?: "true";
  after?: string;
  before?: string;
}

export const names = ["status", "customer", "product", "q", "waits", "retrying", "after", "before"] as const;

export const toFilters = (search: Record<string, unknown>): Filters =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = String(search[name] ?? "").trim();
      return value ? [[name, value]] : [];
    }),
  );

type Query = NonNullable<paths["/v1/orders"]["get"]["parameters"]["query"]>;

/// The parameters of GET /v1/orders for them.
export const toQuery = ({ status, customer, product, q, waits, retrying, after, before }: Filters): Query => ({
  ...(status && { status: status.split(",") }),
  ...(customer && { customer_id: customer }),
  ...(product && { product_id: product }),
  ...(q && { q }),
  ...(waits && { waits_for: waits }),
  ...(retrying && { retrying: true }),
  ...(after && { created_after: after }),
  ...(before && { created_before: before }),
});

const isOrder = /^ord_[0-9a-hjkmnp-tv-z]{20}$/;
const isIdEnd = /^(?:ord_)?…([0-9a-hjkmnp-tv-z]{4,20})$/i;

/// What a search for a text looks for. A number that is shown short, ord_…662e, is looked for by its end.
export const searched = (text: string): string => isIdEnd.exec(text)?.[1]?.toLowerCase() ?? text;

/// The order that a text names as a whole.
export const orderOf = (text: string): string | undefined => (isOrder.test(text) ? text : undefined);

export const underWay = "placed,confirmed,fulfilling,cancelling";
export const statusesText = (status: string) =>
  status === underWay ? "Under way" : status.split(",").map(orderStatusText).join(", ");

export const waitsTexts: Record<string, string> = {
  stock: "for stock",
  payment: "for the payment",
  payer: "for a payer",
  dispatch: "to be dispatched",
  release: "for a release",
  revision: "for new lines",
  courier: "for a courier",
  settlement: "for the capture of the payment",
  compensation: "for stock and money to be released",
  operator: "for an operator",
};

/// A filter in words, for its chip.
export function chipText(name: (typeof names)[number], value: string): string {
  switch (name) {
    case "status":
      return statusesText(value);
    case "customer":
      return `customer ${value}`;
    case "product":
      return `product ${value}`;
    case "q":
      return `“${value}”`;
    case "waits":
      return `waits ${waitsTexts[value] ?? value}`;
    case "retrying":
      return "is retrying";
    case "after":
      return `placed after ${value.slice(0, 16).replace("T", " ")} UTC`;
    case "before":
      return `placed before ${value.slice(0, 16).replace("T", " ")} UTC`;
  }
}

/// The status that an order comes to by an event.
const statusBy: Record<string, string> = {
  "order.placed": "placed",
  "order.confirmed": "confirmed",
  "order.fulfillment_started": "fulfilling",
  "order.completed": "completed",
  "order.rejected": "rejected",
  "order.cancel_requested": "cancelling",
  "order.cancelled": "cancelled",
  "order.needs_attention": "needs_attention",
};

/// Whether an event brings an order into the list. `unknown`: the event alone does not say.
export function brings(filters: Filters, { type, data, occurred_at }: Event): boolean | "unknown" {
  const status = statusBy[type];
  if (status === undefined) return false;
  if (filters.status ? !filters.status.split(",").includes(status) : status !== "placed") return false;
  if (filters.q || filters.waits || filters.retrying) return "unknown";
  if (status !== "placed")
    return filters.customer || filters.product || filters.after || filters.before ? "unknown" : true;
  if (filters.customer && data["customer"] !== filters.customer) return false;
  if (filters.after && occurred_at < filters.after) return false;
  if (filters.before && occurred_at >= filters.before) return false;
  const lines = Array.isArray(data["lines"]) ? (data["lines"] as { product?: unknown }[]) : [];
  return !filters.product || lines.some(({ product }) => product === filters.product);
}
