import type { Schema } from "../../api/client";

type Order = Schema["Order"];

/// How the money of an order may not be where its status says.
export type Kind = "unanswered" | "waiting" | "attention";

/// A payment that the provider has not answered for so long is worth a look.
const longMs = 30_000;

/// Whether a person should look at the money of an order, and why. `unanswered`: nobody knows whether the provider did
/// what it was asked. `waiting`: a step with money takes long. `attention`: the order waits for a person, and its money
/// is neither all with the shop nor all with the customer.
export function kindOf({ status, payment_status, updated_at }: Order, now: number): Kind | undefined {
  if (payment_status === "unknown") return "unanswered";
  if (status === "needs_attention") return payment_status === "declined" ? undefined : "attention";
  const waits = status === "placed" || status === "cancelling" || status === "fulfilling";
  return waits && payment_status !== "awaiting" && now - Date.parse(updated_at) > longMs ? "waiting" : undefined;
}

export interface Group {
  kind: Kind;
  orders: Order[];
}

/// Each order once, in groups, the oldest first.
export function groupsOf(orders: readonly Order[], now: number): Group[] {
  const byId = new Map(orders.map((order) => [order.id, order]));
  const groups: Record<Kind, Order[]> = { unanswered: [], attention: [], waiting: [] };
  for (const order of byId.values()) {
    const kind = kindOf(order, now);
    if (kind) groups[kind].push(order);
  }
  return (Object.entries(groups) as [Kind, Order[]][]).map(([kind, all]) => ({
    kind,
    orders: all.sort((one, other) => one.updated_at.localeCompare(other.updated_at)),
  }));
}

/// What the orders of a group have to be settled for, by currency.
export function sumsOf(orders: readonly Order[]): Schema["Money"][] {
  const sums = new Map<string, number>();
  for (const { total } of orders) sums.set(total.currency, (sums.get(total.currency) ?? 0) + total.amount);
  return [...sums].sort().map(([currency, amount]) => ({ amount, currency }));
}
