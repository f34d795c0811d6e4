import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";

import { api, get } from "../api/client";
import { useLive } from "../live/use-live";
import { useReadAgain } from "../live/use-read-again";
import { useSession } from "../session/use-session";

const key = ["notifications"] as const;
/// So many are counted; more are "99+".
const mostCounted = 99;

/// How many notifications were not read: "", "3", "99+"; live.
export function useUnread(): string {
  const isSignedIn = useSession().state === "signed_in";
  const { data } = useQuery({
    queryKey: [...key, "unread"],
    enabled: isSignedIn,
    queryFn: () => get(api.GET("/v1/notifications", { params: { query: { unread: true, limit: mostCounted } } })),
  });
  const readAgain = useReadAgain(key);
  useLive(isSignedIn ? { types: ["notification.sent"] } : undefined, readAgain.soon, readAgain.now);
  if (!data || data.items.length === 0) return "";
  return `${data.items.length}${data.next_cursor ? "+" : ""}`;
}

/// The notifications of whoever is signed in, the newest first, live.
export function useNotifications() {
  const unread = useUnread();
  const isSignedIn = useSession().state === "signed_in";
  const notifications = useInfiniteQuery({
    queryKey: [...key, "list"],
    enabled: isSignedIn,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      get(api.GET("/v1/notifications", { params: { query: { limit: 30, ...(pageParam && { cursor: pageParam }) } } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const readAgain = useReadAgain(key);
  const readAll = useMutation({
    mutationFn: () => get(api.POST("/v1/notifications/read-all")),
    onSuccess: readAgain.now,
  });
  const read = useMutation({
    mutationFn: (id: string) => get(api.POST("/v1/notifications/{id}/read", { params: { path: { id } } })),
    onSuccess: readAgain.now,
  });
  return { ...notifications, items: notifications.data?.pages.flatMap(({ items }) => items), unread, readAll, read };
}
