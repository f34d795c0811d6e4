import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";

import { api, get } from "../../api/client";
import { node } from "../../api/node";
import { unreachable } from "../../api/problem";
import { useNow } from "../../live/use-visible";
import type { Facts } from "./health";
import { parseMetrics, type Sample } from "./metrics";

/// While the page is seen.
const readEveryMs = 10_000;
export const mostOfAStatus = 100;

/// Undefined where a listener of its own serves them (`--ops`).
async function readMetrics(): Promise<Sample[] | null> {
  const answer = await fetch(`${node}/metrics`).catch(() => {
    throw unreachable();
  });
  return answer.ok ? parseMetrics(await answer.text()) : null;
}

/// Says itself what is missing, with 503.
async function readReadiness(): Promise<{ ready: boolean; missing: string[] }> {
  const answer = await fetch(`${node}/readyz`).catch(() => {
    throw unreachable();
  });
  return answer.json() as Promise<{ ready: boolean; missing: string[] }>;
}

const every = { refetchInterval: readEveryMs, staleTime: 0 } as const;

/// What the API tells of the system's health.
export function useFacts(): { facts: Facts; error: unknown; isLoading: boolean; retry: () => void } {
  const metrics = useQuery({ queryKey: ["metrics"], queryFn: readMetrics, ...every });
  const readiness = useQuery({ queryKey: ["readiness"], queryFn: readReadiness, ...every });
  const cluster = useQuery({ queryKey: ["cluster"], queryFn: () => get(api.GET("/v1/cluster")), ...every });
  const endpoints = useQuery({
    queryKey: ["webhooks", "overview"],
    queryFn: () => get(api.GET("/v1/webhook-endpoints", { params: { query: { limit: 100 } } })),
    ...every,
  });
  const sinks = useQuery({
    queryKey: ["sinks", "overview"],
    queryFn: () => get(api.GET("/v1/sinks", { params: { query: { limit: 50 } } })),
    ...every,
  });
  const online = useQuery({
    queryKey: ["couriers", "online"],
    queryFn: () => get(api.GET("/v1/couriers", { params: { query: { online: true, limit: 200 } } })),
    ...every,
  });
  const waiting = useQuery({
    queryKey: ["deliveries", "requested"],
    queryFn: () => get(api.GET("/v1/deliveries", { params: { query: { status: "requested", limit: 200 } } })),
    ...every,
  });
  const readings = useRef<{ now: Sample[] | undefined; before: Sample[] | undefined }>({
    now: undefined,
    before: undefined,
  });
  const samples = metrics.data ?? undefined;
  if (samples !== readings.current.now) readings.current = { now: samples, before: readings.current.now };
  const all = [metrics, readiness, cluster, endpoints, sinks, online, waiting];
  return {
    facts: {
      readiness: readiness.data,
      metrics: samples,
      metricsBefore: readings.current.before,
      nodes: cluster.data?.nodes,
      endpoints: endpoints.data?.items,
      sinks: sinks.data?.items,
      online: online.data?.items,
      waiting: waiting.data?.items,
      now: useNow(readEveryMs),
    },
    error: cluster.error,
    isLoading: all.some(({ isPending }) => isPending),
    retry: () => all.forEach(({ refetch }) => void refetch()),
  };
}

const open = ["placed", "confirmed", "fulfilling", "cancelling", "needs_attention"] as const;

/// The orders that have not ended, by status: up to a hundred of each.
export function useOpenOrders() {
  const read = async (status: string) => {
    const page = await get(
      api.GET("/v1/orders", { params: { query: { status: [status], limit: mostOfAStatus, sort: "created_at" } } }),
    );
    return { status, orders: page.items, isMore: page.next_cursor !== null };
  };
  return useQuery({ queryKey: ["orders", "open"], queryFn: () => Promise.all(open.map(read)), ...every });
}

/// How many orders repeat something now, up to a hundred. Undefined while a node that owns some does not answer.
export function useRetrying(): { count: number; isMore: boolean } | undefined {
  const { data } = useQuery({
    queryKey: ["orders", "retrying"],
    queryFn: () => get(api.GET("/v1/orders", { params: { query: { retrying: true, limit: mostOfAStatus } } })),
    retry: false,
    ...every,
  });
  return data && { count: data.items.length, isMore: data.next_cursor !== null };
}
