/// What the list of orders shows of each. On a narrow screen a row has lines instead, and all of these that fit.
export interface Column {
  name: string;
  title: string;
  /// Of the grid.
  width: string;
  isNumber?: true;
}

export const columns = [
  { name: "id", title: "Number", width: "5rem" },
  { name: "state", title: "Status", width: "9.5rem" },
  { name: "goods", title: "Customer and goods", width: "minmax(0, 1.2fr)" },
  { name: "about", title: "What about it", width: "minmax(0, 1.4fr)" },
  { name: "payment", title: "Money", width: "8.5rem" },
  { name: "fulfillment", title: "Delivery", width: "8.5rem" },
  { name: "address", title: "Address", width: "minmax(0, 1fr)" },
  { name: "items", title: "Pieces", width: "3.5rem", isNumber: true },
  { name: "total", title: "Total", width: "7rem", isNumber: true },
  { name: "when", title: "Placed", width: "6.5rem", isNumber: true },
  { name: "changed", title: "Last change", width: "6.5rem", isNumber: true },
] as const satisfies readonly Column[];

export type ColumnName = (typeof columns)[number]["name"];

export const usualColumns: readonly ColumnName[] = ["id", "state", "goods", "about", "total", "when"];

export interface Layout {
  columns: readonly ColumnName[];
  /// Rows close to each other.
  isDense: boolean;
}

export const usualLayout: Layout = { columns: usualColumns, isDense: false };

/// Always in the order of `columns`, and never none.
export function layoutOf(chosen: readonly string[], isDense: boolean): Layout {
  const known = columns.map(({ name }) => name).filter((name) => chosen.includes(name));
  return { columns: known.length > 0 ? known : usualColumns, isDense };
}

const kept = "waybill.console.columns";

/// What was chosen in this browser. What another program left there is as good as nothing.
export function savedLayout(): Layout {
  try {
    const { columns: chosen, isDense } = (JSON.parse(localStorage.getItem(kept) ?? "null") ?? {}) as Partial<Layout>;
    return Array.isArray(chosen) ? layoutOf(chosen.map(String), isDense === true) : usualLayout;
  } catch {
    return usualLayout;
  }
}

export function saveLayout(layout: Layout): Layout {
  localStorage.setItem(kept, JSON.stringify(layout));
  return layout;
}

export const gridOf = (shown: readonly ColumnName[]) =>
  columns.flatMap(({ name, width }) => (shown.includes(name) ? [width] : [])).join(" ");
