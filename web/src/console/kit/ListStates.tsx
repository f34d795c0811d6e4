import type { ReactNode } from "react";

import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";

interface Properties<Item> {
  list: {
    items: Item[] | undefined;
    error: unknown;
    refetch: () => unknown;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
  };
  empty: ReactNode;
  /// What the next page has.
  more: string;
  children: (items: Item[]) => ReactNode;
}

/// A list in each of its states: being read, refused, empty, there.
export function ListStates<Item>({ list, empty, more, children }: Properties<Item>) {
  const { items, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  if (!items && error) return <Refused problem={error} retry={() => void refetch()} />;
  if (!items)
    return (
      <div className="stack tight" aria-busy="true">
        {[0, 1, 2, 3, 4].map((row) => (
          <Skeleton key={row} height={10} />
        ))}
      </div>
    );
  return (
    <>
      {error !== null && error !== undefined && <Refused problem={error} retry={() => void refetch()} />}
      {items.length === 0 ? empty : children(items)}
      {hasNextPage && (
        <div className="more">
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {more}
          </Button>
        </div>
      )}
    </>
  );
}
