import type { ReactNode } from "react";

interface Properties {
  /// The names of the columns; `number`: the column has numbers, which stand at its end.
  columns: readonly (string | { number: string })[];
  /// True: a last column has the buttons of each row; its name is there for who does not see the buttons.
  hasActions?: boolean;
  /// The rows.
  children: ReactNode;
}

/// Rows under the names of their columns; on a phone each row is a block.
export const GridTable = ({ columns, hasActions = false, children }: Properties) => (
  <table className="grid-table">
    <thead>
      <tr>
        {columns.map((column) =>
          typeof column === "string" ? (
            <th key={column}>{column}</th>
          ) : (
            <th key={column.number} className="end">
              {column.number}
            </th>
          ),
        )}
        {hasActions && (
          <th>
            <span className="unseen">Actions</span>
          </th>
        )}
      </tr>
    </thead>
    <tbody>{children}</tbody>
  </table>
);

/// The same on a card of its own, as a list of the console is shown.
export const CardTable = (properties: Properties) => (
  <div className="card table-card">
    <GridTable {...properties} />
  </div>
);
