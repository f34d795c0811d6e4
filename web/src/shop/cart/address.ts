import type { Schema } from "../../api/client";

type Recipient = Schema["Recipient"];

const kept = "waybill.recipient";

/// To whom the last order of this browser went; none of that leaves it but with the next order.
export function lastRecipient(): Partial<Recipient> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(kept) ?? "{}");
    return typeof stored === "object" && stored !== null ? stored : {};
  } catch {
    return {};
  }
}

export const keepRecipient = ({ name, address }: Recipient) =>
  localStorage.setItem(kept, JSON.stringify({ name, address }));
