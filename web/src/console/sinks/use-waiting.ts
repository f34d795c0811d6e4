import { useQueries } from "@tanstack/react-query";

import { api, get, type Schema } from "../../api/client";
import type { Waiting } from "./words";

const mostCounted = 100;

/// What each of the sinks has still to publish: the events that it wants and its broker has not confirmed, from the log.
/// Undefined while it is not known.
export function useWaiting(
  sinks: readonly Schema["Sink"][],
  refetchInterval: number,
): { waiting: Waiting | undefined; isRefused: boolean }[] {
  return useQueries({
    queries: sinks.map(({ id, position, types }) => ({
      queryKey: ["sink", id, "waiting"],
      queryFn: async (): Promise<Waiting> => {
        const query = { after: position, type: types, limit: mostCounted };
        const { items, next_cursor } = await get(api.GET("/v1/events", { params: { query } }));
        return { count: items.length, isMore: next_cursor !== null, since: items[0]?.occurred_at };
      },
      refetchInterval,
    })),
    combine: (all) => all.map(({ data, isError }) => ({ waiting: data, isRefused: isError && data === undefined })),
  });
}
