// Amounts as a person reads them: 28.00 EUR, 2800 JPY, 1.234 KWD. As domain/base/currency.cpp does it, with the same
// table (ISO 4217, by the number of decimals); tests/gateway/page_amounts.cpp compares the two.

import type { Schema } from "../api/client";

export type Money = Schema["Money"];

const codesByDecimals: Record<string, string> = {
  0: "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF",
  2:
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUP" +
    "CVECZKDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAK" +
    "LBPLKRLRDLSLMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSD" +
    "RUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXCDXCG" +
    "YERZARZMWZWG",
  3: "BHDIQDJODKWDLYDOMRTND",
  4: "CLFUYW",
};

const decimalsOf = new Map(
  Object.entries(codesByDecimals).flatMap(([decimals, codes]) =>
    (codes.match(/.../g) ?? []).map((code): [string, number] => [code, Number(decimals)]),
  ),
);

/// A currency that is not known has its amounts in minor units.
export function amountText({ amount, currency }: Money): string {
  const decimals = decimalsOf.get(currency) ?? 0;
  let digits = String(Math.abs(amount)).padStart(decimals + 1, "0");
  if (decimals > 0) digits = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return `${amount < 0 ? "−" : ""}${digits}${currency && " "}${currency}`;
}

/// The money among values whose shape is not known.
export const isMoney = (value: unknown): value is Money =>
  typeof value === "object" &&
  value !== null &&
  "amount" in value &&
  typeof value.amount === "number" &&
  "currency" in value &&
  typeof value.currency === "string" &&
  Object.keys(value).length === 2;

/// JSON for people: with every amount as they read it. Programs get minor units.
export const readableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_, part: unknown) => (isMoney(part) ? amountText(part) : part), indent);

export const times = ({ amount, currency }: Money, quantity: number): Money => ({
  amount: amount * quantity,
  currency,
});

/// What somebody wrote as an amount: "4.50" and "4,5" of EUR are 450. Undefined when it is none, or has too many
/// decimals.
export function toMoney(text: string, currency: string): Money | undefined {
  const decimals = decimalsOf.get(currency) ?? 0;
  const [, whole, part = ""] = /^\s*(\d{1,12})(?:[.,](\d+))?\s*$/.exec(text) ?? [];
  if (whole === undefined || part.length > decimals) return undefined;
  return { amount: Number(whole + part.padEnd(decimals, "0")), currency };
}

/// "28.00": the amount alone, as `toMoney` reads it.
export const amountDigits = (money: Money) => amountText(money).replace(/ .*/, "");
