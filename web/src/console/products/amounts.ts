import { Problem } from "../../api/problem";
import { amountText, type Money } from "../../words/money";

/// "12.50" of 12.50 EUR.
export const digitsOf = (money: Money) => amountText(money).split(" ")[0] ?? "";

/// Minor units of what was typed. Refuses what the currency cannot hold, rather than to round a price.
export function amountOf(typed: string, currency: string): number {
  const [whole = "", fraction = ""] = typed.trim().split(".");
  const decimals = digitsOf({ amount: 0, currency }).split(".")[1]?.length ?? 0;
  if (!/^\d{1,12}$/.test(whole) || !/^\d*$/.test(fraction))
    throw new Problem(0, "validation_failed", `“${typed}” is not an amount`);
  if (fraction.length > decimals) throw new Problem(0, "validation_failed", `${currency} has ${decimals} decimals`);
  return Number(whole + fraction.padEnd(decimals, "0"));
}
