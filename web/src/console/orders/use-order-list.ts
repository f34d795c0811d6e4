import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useLive } from "../../live/use-live";
import { readAgain as readFromNow } from "../../live/use-read-again";
import { Changes } from "./changes";
import { brings, type Filters, toQuery } from "./filters";

type Order = Schema["Order"];
interface Page {
  items: Order[];
  next_cursor: string | null;
}

const pageSize = 100;
/// Rows that changed are read again, so many at once and so often: a thousand events a second change no more.
const atOnce = 10;
const everyMs = 1000;
/// Those that come are counted up to here: a page that nobody looks at for days does not grow.
export const mostCounted = 100_000;

/// The orders that fit, the newest first. Rows change in place; those that come meanwhile are counted, and shown when
/// they are asked for.
export function useOrderList(filters: Filters) {
  const cache = useQueryClient();
  const query = toQuery(filters);
  const text = JSON.stringify(query);
  const key = useMemo(() => ["orders", "list", text], [text]);
  const pages = useInfiniteQuery({
    queryKey: key,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      get(
        api.GET("/v1/orders", {
          params: { query: { ...query, limit: pageSize, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // What is shown stays where it is until it is read again on purpose.
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const orders = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]);
  const known = useMemo(() => new Set(orders.map(({ id }) => id)), [orders]);

  const changes = useRef(new Changes(mostCounted));
  const arrived = useRef(new Set<string>());
  const hasStarted = useRef(false);
  const [fresh, setFresh] = useState(0);
  const [mayBeOld, setMayBeOld] = useState(false);
  const begin = () => {
    changes.current.clear();
    arrived.current.clear();
    setFresh(0);
    setMayBeOld(false);
  };
  useEffect(begin, [key]);

  useLive(
    { types: ["order.*"] },
    (event) => {
      // Of the two ways to ask, the cache knows first that a reading began, and `pages` last that it ended.
      const isReading = pages.isFetching || cache.isFetching({ queryKey: key }) > 0;
      const isShown = known.has(event.stream);
      if (!changes.current.take(event.stream, isShown, isReading)) setMayBeOld(true);
      if (!isShown) {
        const isNew = brings(filters, event);
        if (isNew === "unknown") setMayBeOld(true);
        else if (isNew && arrived.current.size < mostCounted) arrived.current.add(event.stream);
      }
    },
    () => {
      // At first nothing has been read for long; later events may have been missed.
      if (hasStarted.current) setMayBeOld(true);
      else void readFromNow(cache, key);
      hasStarted.current = true;
    },
  );

  useEffect(() => {
    if (pages.isFetching) return;
    changes.current.settle((order) => known.has(order));
    for (const order of arrived.current) if (known.has(order)) arrived.current.delete(order);
  }, [known, pages.isFetching]);

  useEffect(() => {
    const timer = setInterval(() => {
      setFresh(arrived.current.size);
      for (const id of changes.current.next(atOnce))
        void get(api.GET("/v1/orders/{id}", { params: { path: { id } } })).then(
          (order) => cache.setQueryData<InfiniteData<Page>>(key, (before) => before && replaced(before, order)),
          // It is read again with the next event, or with the list.
          () => setMayBeOld(true),
        );
    }, everyMs);
    return () => clearInterval(timer);
  }, [cache, key]);

  const readAgain = () => {
    begin();
    void cache.resetQueries({ queryKey: key });
  };
  return { pages, orders, fresh, mayBeOld, readAgain };
}

const replaced = (data: InfiniteData<Page>, order: Order): InfiniteData<Page> => ({
  ...data,
  pages: data.pages.map((page) =>
    page.items.some(({ id }) => id === order.id)
      ? { ...page, items: page.items.map((one) => (one.id === order.id && one.version <= order.version ? order : one)) }
      : page,
  ),
});
