import type { Schema } from "../api/client";

type Order = Pick<Schema["Order"], "status" | "created_at">;
type Event = Pick<Schema["Event"], "type" | "occurred_at" | "version">;

export type StopState = "done" | "now" | "next" | "never";

export interface Stop {
  name: string;
  state: StopState;
  /// When it was reached.
  at?: string;
}

/// What a stop is called once it is reached, and while it is being reached.
const stops = [
  ["Placed", "Being placed"],
  ["Paid", "Being paid"],
  ["Courier found", "Finding a courier"],
  ["On the way", "Being fetched"],
  ["Delivered", "Nearly there"],
] as const;
/// The stop that an event means; one that takes back what was reached leads to an earlier one.
const reachedBy: Record<string, number> = {
  "order.placed": 0,
  "order.confirmed": 1,
  "order.payment_authorized": 1,
  "delivery.assigned": 2,
  "delivery.started": 3,
  "delivery.completed": 4,
  "order.delivered": 4,
};
const backTo: Record<string, number> = { "delivery.aborted": 1, "delivery.declined": 1 };
const stopped = new Set(["rejected", "cancelled", "cancelling"]);

/// Where an order is between placed and delivered, by its events in their order. Without the events of the delivery its
/// status says as much as it can.
export function progress(order: Order, events: readonly Event[]): Stop[] {
  const times: (string | undefined)[] = [order.created_at];
  let reached = 0;
  for (const { type, occurred_at } of events) {
    const back = backTo[type];
    if (back !== undefined) {
      reached = Math.min(reached, back);
      times.length = reached + 1;
    }
    const stop = reachedBy[type];
    if (stop === undefined || stop < reached) continue;
    reached = stop;
    times[stop] ??= occurred_at;
  }
  if (order.status === "completed") reached = stops.length - 1;
  else if (order.status === "confirmed" || order.status === "fulfilling") reached = Math.max(reached, 1);
  const ends = stopped.has(order.status);
  return stops.map(([after, during], index): Stop => {
    const state = index <= reached ? "done" : ends ? "never" : index === reached + 1 ? "now" : "next";
    const name = state === "now" ? during : after;
    const at = index <= reached ? times[index] : undefined;
    return at === undefined ? { name, state } : { name, state, at };
  });
}

/// What comes next, in a sentence.
export function nextText(order: Order, events: readonly Event[]): string {
  const last = events.findLast(({ type }) => type.startsWith("delivery."))?.type;
  if (order.status === "placed") return "The stock is being reserved, then the card is asked.";
  if (order.status === "confirmed") return "Paid. A courier is asked for.";
  if (order.status === "cancelling") return "What was begun is being taken back.";
  if (order.status !== "fulfilling") return "";
  if (last === "delivery.assigned") return "A courier comes to fetch your order.";
  if (last === "delivery.started") return "A courier is on the way to you.";
  if (last === "delivery.completed") return "It is there. The payment is being closed.";
  if (last === "delivery.declined" || last === "delivery.aborted") return "Another courier is being found.";
  return "A courier is being found.";
}
