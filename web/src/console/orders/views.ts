import { type Filters, toFilters, underWay } from "./filters";

/// A set of filters with a name.
export interface View {
  name: string;
  filters: Filters;
}

const kept = "waybill.console.views";
const most = 20;

export const ownViews: readonly View[] = [
  { name: "All", filters: {} },
  { name: "Needs attention", filters: { status: "needs_attention" } },
  { name: "Under way", filters: { status: underWay } },
  { name: "Retrying", filters: { retrying: "true" } },
];

export const isSame = (one: Filters, other: Filters) =>
  JSON.stringify(toFilters({ ...one })) === JSON.stringify(toFilters({ ...other }));

/// Those that somebody saved in this browser. What another program left there is no view.
export function savedViews(): View[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(kept) ?? "[]");
    if (!Array.isArray(read)) return [];
    return read.flatMap((one: unknown) => {
      const { name, filters } = (one ?? {}) as Partial<View>;
      return typeof name === "string" && typeof filters === "object"
        ? [{ name, filters: toFilters({ ...filters }) }]
        : [];
    });
  } catch {
    return [];
  }
}

function keep(views: View[]): View[] {
  localStorage.setItem(kept, JSON.stringify(views));
  return views;
}

/// A view of the same name is replaced; the oldest goes when there are too many.
export const saveView = (view: View) =>
  keep([...savedViews().filter(({ name }) => name !== view.name), view].slice(-most));
export const removeView = (name: string) => keep(savedViews().filter((view) => view.name !== name));
