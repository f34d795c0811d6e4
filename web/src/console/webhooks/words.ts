import type { Schema } from "../../api/client";
import type { Tone } from "../../words/orders";

const reasons: Record<string, string> = {
  operator: "Switched off",
  gone: "Switched off: the receiver is gone",
  failing: "Switched off: nothing got through",
};

export function endpointState({
  status,
  disabled_reason,
  failing_since,
}: Pick<Schema["WebhookEndpoint"], "status" | "disabled_reason" | "failing_since">): { text: string; tone: Tone } {
  if (status === "disabled")
    return {
      text: reasons[disabled_reason ?? ""] ?? "Switched off",
      tone: disabled_reason === "operator" ? "waiting" : "refused",
    };
  if (failing_since) return { text: "Nothing gets through", tone: "attention" };
  return { text: "On", tone: "done" };
}

const deliveries: Record<string, { text: string; tone: Tone }> = {
  delivered: { text: "Delivered", tone: "done" },
  pending: { text: "To be sent", tone: "moving" },
  failed: { text: "Given up", tone: "refused" },
};
export const deliveryState = (status: string): { text: string; tone: Tone } =>
  deliveries[status] ?? { text: status, tone: "waiting" };
