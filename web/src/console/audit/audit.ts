import type { paths } from "../../api/schema";

export type Audit = paths["/v1/audit"]["get"]["responses"]["200"]["content"]["application/json"];
export type Violation = Audit["open"][number];

/// What must hold, by its number in docs/promises.md.
const invariants: Record<string, string> = {
  I1: "No more is captured than was authorised, and no more refunded than was captured.",
  I2: "Stock never falls below zero, and what is reserved is what orders hold.",
  I3: "An order that has ended holds no stock, no open authorisation and no timer.",
  I4: "The versions of a stream follow one another without a gap.",
  I5: "What is stored is what the events say.",
  I6: "One idempotency key had one effect at most.",
  I7: "The payment provider's ledger is ours.",
};

export const invariantText = (name: string) => invariants[name] ?? "Something that must hold.";

/// Where to look at the subject of a violation; nothing for what has no page.
export function placeOf(subject: string): { to: string; search?: Record<string, string> } | undefined {
  const [, id = ""] = /((?:ord|pay|dlv|prd)_[0-9a-z]+)/.exec(subject) ?? [];
  if (id.startsWith("ord_")) return { to: `/orders/${id}` };
  // A payment and a delivery have the number of their order.
  if (id.startsWith("pay_")) return { to: `/orders/ord_${id.slice(4)}`, search: { tab: "payment" } };
  if (id.startsWith("dlv_")) return { to: `/orders/ord_${id.slice(4)}`, search: { tab: "delivery" } };
  return id ? { to: "/products" } : undefined;
}

/// Those that are about money.
export const isAboutMoney = ({ invariant, subject }: Violation) =>
  invariant === "I1" || invariant === "I7" || subject.startsWith("ledger:") || subject.startsWith("pay_");

/// Beyond it the auditor does not keep up with what is written.
const lateMs = 60_000;

export interface Coverage {
  isWell: boolean;
  text: string;
}

/// Whether one may trust that nothing is found.
export function coverageOf({ saved_at, behind_ms, walked_at }: Audit, lastsText: (ms: number) => string): Coverage {
  if (!saved_at) return { isWell: false, text: "No auditor has checked anything yet." };
  if (behind_ms > lateMs) return { isWell: false, text: `It is ${lastsText(behind_ms)} behind the log.` };
  if (!walked_at) return { isWell: true, text: "It has read all of the log, and not walked over everything yet." };
  return { isWell: true, text: "It has read all of the log, and walked over everything." };
}
