import { useInfiniteQuery } from "@tanstack/react-query";

import { api, get } from "../api/client";
import { useLive } from "../live/use-live";
import { useReadAgain } from "../live/use-read-again";
import { useSession } from "../session/use-session";

const key = ["orders"] as const;

/// The orders of whoever is signed in, the newest first, live.
export function useOrders() {
  const isSignedIn = useSession().state === "signed_in";
  const orders = useInfiniteQuery({
    queryKey: key,
    enabled: isSignedIn,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      get(api.GET("/v1/orders", { params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const readAgain = useReadAgain(key);
  useLive(isSignedIn ? { types: ["order.*"] } : undefined, readAgain.soon, readAgain.now);
  return orders;
}
