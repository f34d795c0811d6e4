import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, get } from "../api/client";
import { useLive } from "../live/use-live";
import { useSession } from "../session/use-session";

const key = ["notifications"] as const;

/// The latest notifications of whoever is signed in, live.
export function useNotifications() {
  const cache = useQueryClient();
  const isSignedIn = useSession().state === "signed_in";
  const notifications = useQuery({
    queryKey: key,
    enabled: isSignedIn,
    queryFn: () => get(api.GET("/v1/notifications", { params: { query: { limit: 50 } } })),
  });
  const readAgain = () => void cache.invalidateQueries({ queryKey: key });
  useLive(isSignedIn ? { types: ["notification.sent"] } : undefined, readAgain, readAgain);
  const readAll = useMutation({
    mutationFn: () => get(api.POST("/v1/notifications/read-all")),
    onSuccess: readAgain,
  });
  const items = notifications.data?.items;
  return { items, unread: items?.filter(({ read_at }) => read_at === null).length ?? 0, error: notifications.error, readAll };
}
