// Statuses as operators read them: shorter, and nearer to what the system does than those that customers read.

import { reasonText } from "./orders";

const statuses: Record<string, string> = {
  placed: "Placed",
  confirmed: "Confirmed",
  fulfilling: "With couriers",
  completed: "Completed",
  rejected: "Rejected",
  cancelling: "Being cancelled",
  cancelled: "Cancelled",
  needs_attention: "Needs attention",
};
const payments: Record<string, string> = {
  pending: "not asked for yet",
  awaiting: "waits for a payer",
  unknown: "provider has not answered",
  authorized: "authorised",
  declined: "declined",
  captured: "captured",
  voided: "voided",
  refunded: "refunded",
  partially_refunded: "partly refunded",
};
const fulfillments: Record<string, string> = {
  none: "not dispatched",
  requested: "with couriers",
  delivered: "delivered",
  failed: "no courier could bring it",
  cancelled: "called off",
};

// What is not known is shown as it is: the API may have new words.
export const orderStatusText = (status: string) => statuses[status] ?? status;
export const paymentStatusText = (status: string) => payments[status] ?? status;
export const fulfillmentStatusText = (status: string) => fulfillments[status] ?? status;
export const orderStatuses = Object.keys(statuses);

const codes = /[a-z]+(?:_[a-z]+)+/g;

/// A reason may hold names of steps and codes of the provider: "capture_payment: the provider refused: capture_failed" is
/// "Capture payment: the provider refused: capture failed."
export function operatorReasonText(reason: string): string {
  const known = reasonText(reason);
  const inWords = (code: string) => code.replaceAll("_", " ");
  // What is a code as a whole may have words of its own.
  return /^[a-z_]+$/.test(reason) ? known.replace(codes, inWords) : reasonText(reason.replace(codes, inWords));
}
