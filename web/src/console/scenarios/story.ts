import type { Schema } from "../../api/client";

type Event = Pick<Schema["Event"], "id" | "type" | "stream" | "by" | "occurred_at" | "data">;

/// Who takes part in a story, from left to right.
export const lanes = ["gateway", "order", "stock", "payment", "delivery", "courier", "notifier"] as const;
export type Lane = (typeof lanes)[number];

/// What happened to whom, and who did it: from one lane to another, or within one.
export interface Message {
  event: Event;
  from: Lane;
  to: Lane;
  /// Since the first one.
  atMs: number;
}

const byPrefix: Record<string, Lane> = { ord: "order", prd: "stock", pay: "payment", dlv: "delivery", cur: "courier", ntf: "notifier", cus: "notifier" };
const byActor: Record<string, Lane> = { order: "order", stock: "stock", payment: "payment", delivery: "delivery", notifier: "notifier" };

/// Whose state changed.
const laneOf = ({ type, stream }: Event): Lane => (type.startsWith("notification.") ? "notifier" : byPrefix[stream.slice(0, 3)] ?? "gateway");
/// Who made it change. People and machines outside come in by the gateway.
function sourceOf(event: Event): Lane {
  const { kind, id } = event.by;
  if (kind === "courier") return "courier";
  return kind === "system" ? byActor[id] ?? laneOf(event) : "gateway";
}

export function storyOf(events: readonly Event[]): Message[] {
  const inOrder = [...events].sort((one, other) => one.occurred_at.localeCompare(other.occurred_at));
  const start = Date.parse(inOrder[0]?.occurred_at ?? "");
  return inOrder.map((event) => ({ event, from: sourceOf(event), to: laneOf(event), atMs: Date.parse(event.occurred_at) - start }));
}

/// How many messages are seen at a time of the replay.
export const seenAt = (messages: readonly Message[], ms: number) => messages.filter(({ atMs }) => atMs <= ms).length;
