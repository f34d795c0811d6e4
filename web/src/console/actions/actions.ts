import { api, get, type Schema } from "../../api/client";
import { amountText } from "../../words/money";

type Order = Schema["Order"];

export type Kind = "hold" | "release" | "cancel" | "refund" | "retry" | "resolve";

/// What an operator says with an action.
export interface Wish {
  reason: string;
  /// Of `refund`; without it all that is left.
  amount?: Schema["Money"];
  /// Of `resolve`.
  outcome?: "completed" | "cancelled";
  /// The same for each try: what moves money or goes on is done once.
  key: string;
}

interface Action {
  name: string;
  /// What is done to so many orders, as a question's beginning: "Cancel 3 orders".
  verb: string;
  /// What becomes of an order.
  consequence: string;
  /// The reason that is suggested.
  reason: string;
  danger?: true;
  /// Whether the order's state lets it be done. The node decides; it may know more.
  fits: (order: Order) => boolean;
}

/// What was captured for the order and not refunded.
export const refundable = ({ total, refunded }: Order): Schema["Money"] => ({
  amount: total.amount - (refunded?.amount ?? 0),
  currency: total.currency,
});

const wasTaken = new Set(["captured", "partially_refunded"]);

export const actions: Record<Kind, Action> = {
  hold: {
    name: "Hold",
    verb: "Hold",
    reason: "to be looked at",
    consequence:
      "It is not dispatched until somebody releases it. It keeps its goods and its money meanwhile; when nobody does " +
      "so in time, it is cancelled.",
    fits: ({ status, hold }) => !hold && (status === "placed" || status === "confirmed"),
  },
  release: {
    name: "Release",
    verb: "Release",
    reason: "all is well",
    consequence: "It goes on where it stood.",
    fits: ({ hold }) => hold !== undefined,
  },
  cancel: {
    name: "Cancel",
    verb: "Cancel",
    reason: "the customer asked for it",
    danger: true,
    consequence:
      "The goods go back to stock and the money to the customer. When a courier is already under way with it, it " +
      "cannot be cancelled and goes on.",
    fits: ({ status, fulfillment_status }) =>
      ["placed", "confirmed", "fulfilling"].includes(status) && fulfillment_status !== "delivered",
  },
  refund: {
    name: "Refund",
    verb: "Refund",
    reason: "goodwill",
    danger: true,
    consequence: "The money goes back to the customer. A refund cannot be undone.",
    fits: (order) => order.status === "completed" && wasTaken.has(order.payment_status) && refundable(order).amount > 0,
  },
  retry: {
    name: "Retry",
    verb: "Retry",
    reason: "the cause is gone",
    consequence:
      "It tries the step that failed again, with a new deadline and under the same keys: nothing is done twice. When " +
      "the cause is not gone, it will need attention again.",
    fits: ({ status }) => status === "needs_attention",
  },
  resolve: {
    name: "Resolve",
    verb: "Close",
    reason: "settled by hand",
    danger: true,
    consequence:
      "It ends as you say. Stock and money are released first, so that an order that has ended holds nothing.",
    fits: ({ status }) => status === "needs_attention",
  },
};

export const kinds = Object.keys(actions) as Kind[];

export const fitting = (order: Order): Kind[] => kinds.filter((kind) => actions[kind].fits(order));

/// Does it to one order; throws a Problem when it is refused.
export async function perform(kind: Kind, id: string, { reason, amount, outcome, key }: Wish): Promise<void> {
  const path = { id };
  const header = { "Idempotency-Key": key };
  switch (kind) {
    case "hold":
      await get(api.POST("/v1/orders/{id}/hold", { params: { path }, body: { reason } }));
      break;
    case "release":
      await get(api.POST("/v1/orders/{id}/release", { params: { path }, body: { reason } }));
      break;
    case "cancel":
      await get(api.POST("/v1/orders/{id}/cancel", { params: { path }, body: { reason } }));
      break;
    case "retry":
      await get(api.POST("/v1/orders/{id}/retry", { params: { path, header }, body: { reason } }));
      break;
    case "resolve":
      if (!outcome) throw new Error("a resolution needs an outcome");
      await get(api.POST("/v1/orders/{id}/resolve", { params: { path }, body: { outcome, reason } }));
      break;
    case "refund":
      await get(
        api.POST("/v1/orders/{id}/refunds", { params: { path, header }, body: { reason, ...(amount && { amount }) } }),
      );
  }
}

/// What the wish does to this order, when that depends on it.
export function moneyText(kind: Kind, order: Order): string {
  const money = amountText(order.total);
  if (kind === "cancel") {
    if (order.payment_status === "authorized") return `The authorisation of ${money} is voided: nothing was captured.`;
    if (order.payment_status === "captured") return `${money} goes back to the customer.`;
    return "";
  }
  return kind === "refund" ? `${amountText(refundable(order))} of ${money} can still be refunded.` : "";
}
