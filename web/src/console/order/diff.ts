/// What differs between two states of an order: the path of a value, and what it was and is.
export interface Difference {
  path: string;
  before: string;
  after: string;
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const textOf = (value: unknown): string => (value === undefined ? "—" : typeof value === "string" ? value : JSON.stringify(value));

/// The values that differ, in the order in which the second one has them, then those that it has no more.
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (before === after) return [];
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    return names.flatMap((name) => differences(before[name], after[name], path ? `${path}.${name}` : name));
  }
  return [{ path, before: textOf(before), after: textOf(after) }];
}
