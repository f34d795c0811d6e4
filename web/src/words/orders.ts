import type { Schema } from "../api/client";
import { sentence } from "./problems";

type Order = Schema["Order"];

/// What a colour says, never by itself: grey waits, blue moves, green is done, amber needs somebody, red was refused.
export type Tone = "waiting" | "moving" | "done" | "attention" | "refused";

const statuses: Record<string, [text: string, tone: Tone]> = {
  placed: ["Placed", "moving"],
  confirmed: ["Paid", "moving"],
  fulfilling: ["In delivery", "moving"],
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

/// Nobody has paid it yet, and somebody still can.
export const awaitsPayer = (order: Order) => order.status === "placed" && order.payment_status === "awaiting";

/// Whether somebody may still want to change it: the order itself knows best, and may say no.
export const mayBeChanged = (order: Order) => ["placed", "confirmed"].includes(order.status);

/// What the system gives as a reason, and what it means for a customer. All else is a sentence already: of the system,
/// or of a person.
const reasons: Record<string, string> = {
  out_of_stock: "There was not enough in stock.",
  card_declined: "The bank refused the card.",
  declined: "The bank refused the payment.",
  payment_declined: "The bank refused the payment.",
  insufficient_funds: "There was not enough money on the card.",
  "the request never arrived": "The payment provider could not be reached.",
  "the payment provider did not answer": "The payment provider did not answer.",
  "the payment provider refused the request": "The payment provider refused the payment.",
  "no courier completed it": "No courier could bring it.",
  "no courier was found in time": "No courier was free to bring it.",
  not_paid_in_time: "It was not paid in time.",
  "it took too long": "It took longer than an order may take.",
  "nobody released it in time": "It was kept back, and nobody let it go on in time.",
};

export const reasonText = (reason: string) => reasons[reason] ?? sentence(reason);

const cardReasons = new Set(["card_declined", "declined", "payment_declined", "insufficient_funds"]);

/// What the customer may do now that it was refused.
function adviceFor(reason: string): string {
  if (cardReasons.has(reason)) return "Try another card.";
  return reason === "out_of_stock" ? "Order less of it, or come back later." : "You may order again.";
}

const moneyTexts: Record<string, string> = {
  refunded: "You got your money back.",
  partially_refunded: "You got a part of your money back.",
  captured: "Your money is not given back yet.",
};
const moneyText = ({ payment_status }: Order) => moneyTexts[payment_status] ?? "Nothing was charged.";

/// What the end means for the customer, and what now.
export function endText(order: Order): string {
  const { status, reason = "" } = order;
  if (status === "rejected") return `${reasonText(reason)} Nothing was charged. ${adviceFor(reason)}`.trim();
  if (status === "cancelled") {
    const why = reason in reasons ? reasonText(reason) : reason && `Reason: ${sentence(reason)}`;
    return `${why} ${moneyText(order)}`.trim();
  }
  if (status === "needs_attention")
    return "Something did not go as it should. Nothing is lost: a person takes care of it.";
  if (awaitsPayer(order)) return "It waits to be paid. What you ordered is kept for you until then.";
  if (order.hold) return "We keep this order back for now. A person looks at it, then it goes on.";
  return "";
}

/// `ord_…662e`: no longer than needed, whole where one points at it.
export const shortId = (id: string) => `${id.slice(0, id.indexOf("_") + 1)}…${id.slice(-4)}`;
