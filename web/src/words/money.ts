// Amounts as a person reads them: 28.00 EUR, 2800 JPY, 1.234 KWD. As domain/base/currency.cpp does it, with the same table
// (ISO 4217, by the number of decimals); tests/gateway/page_amounts.cpp compares the two.

import type { Schema } from "../api/client";

export type Money = Schema["Money"];

const codesByDecimals: Record<string, string> = {
  0: "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF",
  2: "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUP"
    + "CVECZKDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAK"
    + "LBPLKRLRDLSLMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSD"
    + "RUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXCDXCG"
    + "YERZARZMWZWG",
  3: "BHDIQDJODKWDLYDOMRTND",
  4: "CLFUYW",
};

const decimalsOf = new Map(
  Object.entries(codesByDecimals).flatMap(([decimals, codes]) =>
    (codes.match(/.../g) ?? []).map((code): [string, number] => [code, Number(decimals)])),
);

/// A currency that is not known has its amounts in minor units.
export function amountText({ amount, currency }: Money): string {
  const decimals = decimalsOf.get(currency) ?? 0;
  let digits = String(Math.abs(amount)).padStart(decimals + 1, "0");
  if (decimals > 0) digits = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return `${amount < 0 ? "−" : ""}${digits}${currency && " "}${currency}`;
}

export const times = ({ amount, currency }: Money, quantity: number): Money => ({ amount: amount * quantity, currency });
