import { useQuery, useQueryClient } from "@tanstack/react-query";

import { api, get } from "../api/client";
import type { Event } from "../live/connection";
import { useLive } from "../live/use-live";
import { readAgain } from "../live/use-read-again";
import { hasEnded } from "../words/orders";

const orderKey = (id: string) => ["order", id] as const;
const eventsKey = (id: string) => ["order", id, "events"] as const;
/// An order has about twenty events; one with more shows its latest.
const mostEvents = 200;

async function readEvents(id: string): Promise<Event[]> {
  const page = await get(api.GET("/v1/orders/{id}/events", { params: { path: { id }, query: { limit: mostEvents } } }));
  return page.items;
}

const withNewer = (known: Event[], newer: readonly Event[]) => {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...newer.filter(({ id }) => !ids.has(id))];
};

/// An order with its events, live while it has not ended; `always`: also afterwards, when money may go back.
export function useOrder(id: string, always = false) {
  const cache = useQueryClient();
  const order = useQuery({
    queryKey: orderKey(id),
    queryFn: () => get(api.GET("/v1/orders/{id}", { params: { path: { id } } })),
  });
  const events = useQuery({
    queryKey: eventsKey(id),
    // An answer may have been given before the latest of those that came live.
    queryFn: async () => withNewer(await readEvents(id), cache.getQueryData<Event[]>(eventsKey(id)) ?? []),
  });
  const isLive = order.data !== undefined && (always || !hasEnded(order.data));
  useLive(
    isLive ? { order: id } : undefined,
    (event) => {
      cache.setQueryData<Event[]>(eventsKey(id), (known = []) => withNewer(known, [event]));
      // The order itself says what the event meant for it.
      void readAgain(cache, orderKey(id), true);
    },
    () => void readAgain(cache, orderKey(id)),
  );
  return { order, events: events.data ?? [], eventsError: events.error };
}
