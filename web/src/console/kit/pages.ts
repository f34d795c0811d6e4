import { useInfiniteQuery, type UseInfiniteQueryResult, type InfiniteData } from "@tanstack/react-query";

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/// A list of the API, page by page. `read` gets the cursor; empty for the first page.
export function usePages<Item>(
  key: readonly unknown[],
  read: (cursor: string) => Promise<Page<Item>>,
  refetchInterval: number | false = false,
) {
  const query: UseInfiniteQueryResult<InfiniteData<Page<Item>>> = useInfiniteQuery({
    queryKey: key,
    initialPageParam: "",
    queryFn: ({ pageParam }) => read(pageParam),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval,
  });
  return { ...query, items: query.data?.pages.flatMap(({ items }) => items) };
}

/// Adds the cursor to a query when there is one.
export const paged = (cursor: string, limit = 50) => ({ limit, ...(cursor && { cursor }) });
