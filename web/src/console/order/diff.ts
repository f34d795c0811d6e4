import { amountText, isMoney, readableJson } from "../../words/money";

/// What differs between two states of an order: the path of a value, and what it was and is.
export interface Difference {
  path: string;
  before: string;
  after: string;
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !isMoney(value);

function textOf(value: unknown): string {
  if (value === undefined) return "—";
  if (isMoney(value)) return amountText(value);
  return typeof value === "string" ? value : readableJson(value);
}

const isSame = (before: unknown, after: unknown): boolean =>
  before === after || (isMoney(before) && isMoney(after) && amountText(before) === amountText(after));

/// The values that differ, in the order in which the second one has them, then those that it has no more. Amounts of
/// money are values, as a person reads them.
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (isSame(before, after)) return [];
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return names.flatMap((name) => differences(before[name], after[name], path ? `${path}.${name}` : name));
  }
  return [{ path, before: textOf(before), after: textOf(after) }];
}
