import type { Schema } from "../api/client";
import { sentence } from "./problems";

type Order = Schema["Order"];

/// What a colour says, never by itself: grey waits, blue moves, green is done, amber needs somebody, red was refused.
export type Tone = "waiting" | "moving" | "done" | "attention" | "refused";

const statuses: Record<string, [text: string, tone: Tone]> = {
  placed: ["Placed", "moving"],
  confirmed: ["Paid", "moving"],
  fulfilling: ["On its way", "moving"],
  completed: ["Delivered", "done"],
  rejected: ["Refused", "refused"],
  cancelling: ["Being cancelled", "attention"],
  cancelled: ["Cancelled", "refused"],
  needs_attention: ["We are looking into it", "attention"],
};

/// A status that is not known is shown as it is: the API may have new ones.
export const statusText = (status: string) => statuses[status]?.[0] ?? status;
export const statusTone = (status: string): Tone => statuses[status]?.[1] ?? "waiting";

const isFinal = new Set(["completed", "rejected", "cancelled"]);
export const hasEnded = (order: Order) => isFinal.has(order.status);
export const canBeCancelled = (order: Order) => ["placed", "confirmed", "fulfilling"].includes(order.status);

/// Words that the system gives as a reason. All else is a sentence already: of the system, or of a person.
const reasons: Record<string, string> = {
  out_of_stock: "There was not enough in stock.",
  card_declined: "The card was refused.",
  declined: "The payment was refused.",
  payment_declined: "The payment was refused.",
  insufficient_funds: "There was not enough money on the card.",
};

export const reasonText = (reason: string) => reasons[reason] ?? sentence(reason);

/// What the end means for the customer, and what now.
export function endText(order: Order): string {
  const why = order.reason ? reasonText(order.reason) : "";
  if (order.status === "rejected") return `${why} Nothing was charged.`.trim();
  if (order.status === "cancelled") {
    const money = order.payment_status === "refunded" ? "You get your money back." : "Nothing was charged.";
    return `${why && `Reason: ${why}`} ${money}`.trim();
  }
  if (order.status === "needs_attention") return "Something did not go as it should. Nothing is lost: a person takes care of it.";
  return "";
}

/// `ord_…662e`: no longer than needed, whole where one points at it.
export const shortId = (id: string) => `${id.slice(0, id.indexOf("_") + 1)}…${id.slice(-4)}`;
