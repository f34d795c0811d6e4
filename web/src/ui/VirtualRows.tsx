import { type ReactNode, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";

export interface RowsHandle {
  /// Brings a row into view.
  show: (index: number) => void;
}

interface Properties<Row> {
  rows: readonly Row[];
  /// Pixels; all rows have the same height.
  rowHeight: number;
  label: string;
  keyOf: (row: Row) => string;
  children: (row: Row, index: number) => ReactNode;
  /// Where one is in the list.
  onScroll?: (place: { atTop: boolean; atEnd: boolean }) => void;
  className?: string;
  handle?: Ref<RowsHandle>;
}

/// Rows that are drawn without being seen, so that scrolling shows no gap.
const spare = 8;

/// A list that scrolls by itself and draws the rows that are seen only: ten thousand cost as little as fifty.
export function VirtualRows<Row>({
  rows,
  rowHeight,
  label,
  keyOf,
  children,
  onScroll,
  className = "",
  handle,
}: Properties<Row>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const at = box.current;
    if (!at) return;
    const measure = () => setView({ top: at.scrollTop, height: at.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(at);
    return () => observer.disconnect();
  }, []);
  useImperativeHandle(
    handle,
    () => ({
      show: (index) => {
        const at = box.current;
        if (!at) return;
        const top = index * rowHeight;
        if (top < at.scrollTop) at.scrollTop = top;
        else if (top + rowHeight > at.scrollTop + at.clientHeight) at.scrollTop = top + rowHeight - at.clientHeight;
      },
    }),
    [rowHeight],
  );
  const first = Math.max(Math.floor(view.top / rowHeight) - spare, 0);
  const last = Math.min(Math.ceil((view.top + view.height) / rowHeight) + spare, rows.length);
  return (
    <div
      ref={box}
      className={`rows ${className}`}
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={({ currentTarget: at }) => {
        setView({ top: at.scrollTop, height: at.clientHeight });
        onScroll?.({
          atTop: at.scrollTop < rowHeight / 2,
          atEnd: at.scrollTop + at.clientHeight > at.scrollHeight - rowHeight * 4,
        });
      }}>
      <ul aria-label={label} style={{ height: rows.length * rowHeight }}>
        {rows.slice(first, last).map((row, index) => (
          <li
            key={keyOf(row)}
            aria-setsize={rows.length}
            aria-posinset={first + index + 1}
            style={{ height: rowHeight, transform: `translateY(${(first + index) * rowHeight}px)` }}>
            {children(row, first + index)}
          </li>
        ))}
      </ul>
    </div>
  );
}
