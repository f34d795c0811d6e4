import "./orders.css";

import { type CSSProperties, useCallback, useRef, useState } from "react";

import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { saveFile } from "../../ui/save";
import { useShortcuts } from "../../ui/shortcuts";
import { type RowsHandle, VirtualRows } from "../../ui/VirtualRows";
import { useRights } from "../../session/rights";
import { useNavigate, useSearch } from "../go";
import { gridOf, savedLayout, usualColumns } from "./columns";
import { toCsv } from "./csv";
import { FilterBar } from "./FilterBar";
import { type Filters, toFilters } from "./filters";
import { ChooseLayout } from "./Layout";
import { Row, RowHead, rowId } from "./Row";
import { Selection } from "./Selection";
import { mostCounted, useOrderList } from "./use-order-list";
import { Views } from "./Views";
import { useNarrow } from "./use-narrow";

const freshText = (fresh: number) =>
  fresh === 0 ? "There may be new ones" : fresh < mostCounted ? `${fresh} new` : `${mostCounted} or more new`;

/// All orders, with filters that stand in the address.
export function Orders() {
  const filters = toFilters(useSearch());
  const navigate = useNavigate();
  const { pages, orders, fresh, mayBeOld, readAgain } = useOrderList(filters);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const rows = useRef<RowsHandle>(null);
  const [layout, setLayout] = useState(savedLayout);
  const { mayChange } = useRights();
  const isNarrow = useNarrow();
  const rowHeight = isNarrow ? 84 : layout.isDense ? 32 : 44;
  const shown = isNarrow ? usualColumns : layout.columns;

  const change = (next: Filters) => {
    setSelected(new Set());
    void navigate({ to: "/orders", search: { ...next } });
  };
  const select = useCallback(
    (id: string) =>
      setSelected((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );

  // The row that has the focus is the one that keys mean.
  const focused = () =>
    orders.findIndex(({ id }) => id === (document.activeElement as HTMLElement | null)?.dataset["order"]);
  const move = (by: number) => {
    const index = Math.min(Math.max(focused() + by, 0), orders.length - 1);
    const order = orders[index];
    if (!order) return;
    rows.current?.show(index);
    // A row that was out of sight is drawn with the next frame.
    const focus = (frames: number) => {
      const row = document.getElementById(rowId(order.id));
      if (row) row.focus({ preventScroll: true });
      else if (frames > 0) requestAnimationFrame(() => focus(frames - 1));
    };
    focus(10);
  };
  const ofSelection = [
    {
      keys: "x",
      text: "Select the order",
      run: () => {
        const order = orders[focused()];
        if (order) select(order.id);
      },
    },
    { keys: "Escape", text: "Select none", run: () => setSelected(new Set()) },
  ];
  useShortcuts([
    { keys: "j", text: "Next order", run: () => move(1) },
    { keys: "k", text: "Order before", run: () => move(-1) },
    { keys: "r", text: "Read the list again", run: readAgain },
    ...(mayChange ? ofSelection : []),
  ]);

  const error = pages.error;
  return (
    <div className="stack orders-page">
      <div className="row between">
        <h1>Orders</h1>
        <Views filters={filters} />
      </div>
      <FilterBar filters={filters} onChange={change} />
      <div className="list-head">
        {mayChange ? (
          <Selection
            orders={orders}
            selected={selected}
            onSelect={setSelected}
            hasNext={pages.hasNextPage}
            readNext={async () => (await pages.fetchNextPage()).data?.pages.flatMap(({ items }) => items) ?? []}
          />
        ) : (
          <span />
        )}
        <div className="row">
          <div role="status">
            {(fresh > 0 || mayBeOld) && (
              <Button kind="tiny" onClick={readAgain}>
                <span>{freshText(fresh)}</span> · show
              </Button>
            )}
          </div>
          <ChooseLayout layout={layout} onChange={setLayout} />
        </div>
      </div>
      {error && orders.length === 0 ? (
        <Refused problem={error} retry={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <Skeleton height={96} />
      ) : orders.length === 0 && !pages.hasNextPage ? (
        <div className="card">
          <Empty title="No order fits">
            <p>Take a filter away, or wait: one that comes is told of here.</p>
          </Empty>
        </div>
      ) : (
        <div className="card list-card" style={{ "--grid": gridOf(shown) } as CSSProperties}>
          <RowHead shown={shown} />
          <VirtualRows
            rows={orders}
            rowHeight={rowHeight}
            label="Orders"
            keyOf={({ id }) => id}
            handle={rows}
            className="list"
            onScroll={({ atEnd }) => {
              if (atEnd && pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
            }}>
            {(order) => (
              <Row
                order={order}
                shown={shown}
                isSelected={selected.has(order.id)}
                onSelect={mayChange ? select : undefined}
              />
            )}
          </VirtualRows>
        </div>
      )}
      <div className="row small soft">
        <span>
          {orders.length} shown{pages.hasNextPage ? "" : ", that is all"}
        </span>
        {orders.length > 0 && (
          <Button kind="plain tiny" onClick={() => saveFile("orders.csv", "text/csv", toCsv(orders))}>
            Save them as a table
          </Button>
        )}
        {pages.hasNextPage && (
          <Button kind="plain tiny" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            Show more
          </Button>
        )}
        {error && orders.length > 0 && (
          <span role="alert">
            The rest could not be read.{" "}
            <Button kind="plain tiny" onClick={() => void pages.fetchNextPage()}>
              Try again
            </Button>
          </span>
        )}
      </div>
    </div>
  );
}
