import { useQueries } from "@tanstack/react-query";

import { api, get, type Schema } from "../../api/client";
import type { Waiting } from "./words";

const mostCounted = 100;
/// A page may be short before the end of the log.
const mostPages = 5;

async function readWaiting({ position, types }: Schema["Sink"]): Promise<Waiting> {
  const waiting: Waiting = { count: 0, isMore: true, since: undefined };
  let after = position;
  for (let page = 0; page < mostPages && waiting.isMore && waiting.count < mostCounted; ++page) {
    const query = { after, type: types, limit: mostCounted };
    const { items, next_cursor } = await get(api.GET("/v1/events", { params: { query } }));
    waiting.count += items.length;
    waiting.since ??= items[0]?.occurred_at;
    waiting.isMore = next_cursor !== null;
    after = next_cursor ?? after;
  }
  return waiting;
}

/// What each of the sinks has still to publish: the events that it wants and its broker has not confirmed, from the log.
/// Undefined while it is not known.
export function useWaiting(
  sinks: readonly Schema["Sink"][],
  refetchInterval: number,
): { waiting: Waiting | undefined; isRefused: boolean }[] {
  return useQueries({
    queries: sinks.map((sink) => ({
      queryKey: ["sink", sink.id, "waiting"],
      queryFn: () => readWaiting(sink),
      refetchInterval,
    })),
    combine: (all) => all.map(({ data, isError }) => ({ waiting: data, isRefused: isError && data === undefined })),
  });
}
