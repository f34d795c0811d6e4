import type { Schema } from "../../../api/client";
import type { Tone } from "../../../words/orders";

/// What is told of events: a webhook endpoint or a sink.
export type Target = Pick<
  Schema["Sink"],
  "status" | "failing_since" | "last_success_at" | "last_failure_at" | "last_error"
> & { disabled_reason?: Schema["WebhookEndpoint"]["disabled_reason"] };

const reasons: Record<string, string> = {
  gone: "Switched off: the receiver is gone",
  failing: "Switched off: nothing got through",
};

export function targetState({
  status,
  disabled_reason = "operator",
  failing_since,
}: Pick<Target, "status" | "disabled_reason" | "failing_since">): { text: string; tone: Tone } {
  if (status === "disabled")
    return {
      text: reasons[disabled_reason ?? ""] ?? "Switched off",
      tone: disabled_reason === "operator" ? "waiting" : "refused",
    };
  if (failing_since) return { text: "Nothing gets through", tone: "attention" };
  return { text: "On", tone: "done" };
}
