import type { Schema } from "../api/client";
import { sentence } from "../words/problems";

/// As much of an event as a story needs.
export type StoryEvent = Pick<
  Schema["Event"],
  "id" | "type" | "stream" | "by" | "occurred_at" | "data" | "correlation_id" | "causation_id"
>;

/// Who takes part in a story, from left to right.
export const lanes = ["gateway", "order", "stock", "payment", "delivery", "courier", "notifier"] as const;
export type Lane = (typeof lanes)[number];

/// What happened to whom, and who did it: from one lane to another, or within one.
export interface Message {
  event: StoryEvent;
  from: Lane;
  to: Lane;
  /// Since the first one.
  atMs: number;
}

const byPrefix: Record<string, Lane> = {
  ord: "order",
  prd: "stock",
  pay: "payment",
  dlv: "delivery",
  cur: "courier",
  ntf: "notifier",
  cus: "notifier",
};
const byActor: Record<string, Lane> = {
  order: "order",
  stock: "stock",
  payment: "payment",
  delivery: "delivery",
  notifier: "notifier",
};

/// Whose state changed.
const laneOf = ({ type, stream }: StoryEvent): Lane =>
  type.startsWith("notification.") ? "notifier" : (byPrefix[stream.slice(0, 3)] ?? "gateway");
/// Who made it change. People and machines outside come in by the gateway.
function sourceOf(event: StoryEvent): Lane {
  const { kind, id } = event.by;
  if (kind === "courier") return "courier";
  return kind === "system" ? (byActor[id] ?? laneOf(event)) : "gateway";
}

/// An event that comes twice, as it happened and when it is read afterwards, is told once.
export function storyOf(events: readonly StoryEvent[]): Message[] {
  const once = new Map(events.map((event) => [event.id, event]));
  const inOrder = [...once.values()].sort((one, other) => one.occurred_at.localeCompare(other.occurred_at));
  const start = Date.parse(inOrder[0]?.occurred_at ?? "");
  return inOrder.map((event) => ({
    event,
    from: sourceOf(event),
    to: laneOf(event),
    atMs: Date.parse(event.occurred_at) - start,
  }));
}

/// How many messages are seen at a time of the replay.
export const seenAt = (messages: readonly Message[], ms: number) => messages.filter(({ atMs }) => atMs <= ms).length;

export const titleOf = (scenario: number, name: string) => `${scenario}. ${sentence(name).replace(/\.$/, "")}`;

/// The statuses that events of the order's own stream lead to.
const statusAfter: Record<string, string> = {
  "order.placed": "placed",
  "order.confirmed": "confirmed",
  "order.fulfillment_started": "fulfilling",
  "order.completed": "completed",
  "order.rejected": "rejected",
  "order.cancel_requested": "cancelling",
  "order.cancelled": "cancelled",
  "order.needs_attention": "needs_attention",
};

/// The status that an order has after these events.
export function statusIn(events: readonly StoryEvent[], order: string): string {
  const latest = events.findLast(({ stream, type }) => stream === order && type in statusAfter);
  return statusAfter[latest?.type ?? ""] ?? "placed";
}

/// How many orders of a crowd ended in which status, by how many events there were of each type.
export const endsOf = (counts: ReadonlyMap<string, number>) =>
  ["order.completed", "order.rejected", "order.cancelled", "order.needs_attention"].flatMap((type) => {
    const count = counts.get(type) ?? 0;
    return count > 0 ? [{ status: statusAfter[type] ?? "", count }] : [];
  });
