import type { Schema } from "../../api/client";

type Version = Pick<Schema["FunctionVersion"], "triggers" | "guard">;
export type Guard = Schema["FunctionGuard"];
/// What a form offers: not a guard, or what becomes of an order when it fails.
export type GuardChoice = "none" | Guard["on_failure"];

export const guardChoices: Record<GuardChoice, { name: string; hint: string }> = {
  none: { name: "It is not asked", hint: "Orders are placed without it." },
  allow: {
    name: "It is asked; when it fails, the order is placed",
    hint: "It may refuse an order, or note something about it.",
  },
  refuse: {
    name: "It is asked; when it fails, the order is refused",
    hint: "While it is broken nobody can order anything.",
  },
};

export const choiceOf = (guard: Guard | null | undefined): GuardChoice => guard?.on_failure ?? "none";
export const guardOf = (choice: string): Guard | null =>
  choice === "allow" || choice === "refuse" ? { on_failure: choice } : null;

/// When a version runs, besides being called by hand.
export function runsText({ triggers = [], guard }: Version): string {
  const when = [
    ...(triggers.length > 0 ? [`for ${triggers.join(", ")}`] : []),
    ...(guard ? [`before an order is placed${guard.on_failure === "refuse" ? ", and must not fail" : ""}`] : []),
  ];
  return when.length > 0 ? when.join("; ") : "when it is called";
}

/// What ends with a function, or with a version of it.
export function consequences({ triggers = [], guard }: Version): string[] {
  return [
    ...(triggers.length > 0 ? [`It is not called for ${triggers.join(", ")} any more.`] : []),
    ...(guard ? ["Orders are placed without asking it."] : []),
  ];
}

const order = {
  customer_id: "usr_…",
  lines: [
    {
      product_id: "prd_…",
      sku: "S-1",
      name: "Earl Grey tea",
      quantity: 1,
      unit_price: { amount: 650, currency: "EUR" },
    },
  ],
  total: { amount: 650, currency: "EUR" },
  payment: { method: "card" },
  delivery: { name: "Ada", address: "Main Street 1" },
  note: "",
};
const ofBuiltIn: Record<string, unknown> = {
  "calculate-total": { items: [{ price: 1299, quantity: 2 }] },
  "format-order": { order: { id: "ord_…", status: "completed", ...order } },
  "validate-email": { email: "ada@example.com" },
};

/// An input to begin with, in the form that the function is called with.
export function exampleInput({ name, triggers = [], guard }: Version & { name: string }): string {
  const [type] = triggers;
  const input =
    ofBuiltIn[name] ??
    (guard
      ? { order }
      : type
        ? { event: { type: type.replace("*", "placed"), data: {} }, order_id: "ord_…", customer_id: "usr_…" }
        : {});
  return JSON.stringify(input, null, 2);
}

/// The result of an answer, as one reads it. Where a number is more exact than a browser's it stays as it was answered.
export function resultText(answer: string): string {
  const answered: unknown = JSON.parse(answer);
  if (JSON.stringify(answered) !== answer || typeof answered !== "object" || answered === null) return answer;
  return "result" in answered ? JSON.stringify(answered.result, null, 2) : answer;
}

/// What the result of a guard would do with the order.
export function verdictOf(result: string): string {
  const parsed: unknown = JSON.parse(result);
  if (parsed === null || parsed === true) return "The order would be placed.";
  if (typeof parsed === "object" && "refuse" in parsed) return "The order would be refused with this sentence.";
  if (typeof parsed === "object" && "metadata" in parsed) return "The order would be placed with this noted.";
  return "This is no answer of a guard: it counts as a failure.";
}

/// Where a line of a text begins and ends; lines are counted from 1.
export function placeOf(text: string, line: number): [from: number, to: number] {
  const lines = text.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return [Math.min(from, text.length), Math.min(from + (lines[line - 1]?.length ?? 0), text.length)];
}

/// One line of a text, without what is around it.
export const lineOf = (text: string, line: number) => (text.split("\n")[line - 1] ?? "").trim();
