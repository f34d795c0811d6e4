import type { Tone } from "../../words/orders";

const deliveries: Record<string, { text: string; tone: Tone }> = {
  delivered: { text: "Delivered", tone: "done" },
  pending: { text: "To be sent", tone: "moving" },
  failed: { text: "Given up", tone: "refused" },
};

/// How far a message to a receiver has come.
export const deliveryState = (status: string): { text: string; tone: Tone } =>
  deliveries[status] ?? { text: status, tone: "waiting" };
