import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";

import { api, get } from "../api/client";
import { useLive } from "../live/use-live";
import { useSession } from "../session/use-session";

const key = ["orders"] as const;

/// The orders of whoever is signed in, the newest first, live.
export function useOrders() {
  const cache = useQueryClient();
  const isSignedIn = useSession().state === "signed_in";
  const orders = useInfiniteQuery({
    queryKey: key,
    enabled: isSignedIn,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      get(api.GET("/v1/orders", { params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const readAgain = () => void cache.invalidateQueries({ queryKey: key });
  useLive(isSignedIn ? { types: ["order.*"] } : undefined, readAgain, readAgain);
  return orders;
}
