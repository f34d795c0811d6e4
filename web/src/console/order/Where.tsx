import { useQuery } from "@tanstack/react-query";

import type { Schema } from "../../api/client";
import { getOffered, useOffers } from "../../api/offers";
import { exactTime } from "../../words/times";
import { durationText, type Step } from "./steps";
import { useNow } from "./Waterfall";

interface Progress {
  waits_for: string | null;
  next_timer_at?: string | null;
  node?: string | null;
  shard?: number;
  in_memory?: boolean;
  steps?: { step: string; attempts: number; under_way: boolean; next_at: string | null; last_failure: string | null }[];
}

const path = "/v1/orders/{id}/progress";
const everyMs = 2000;

/// Where the order lives, and its attempts at what is open. Neither stands in its events, so the node is asked now and then.
export function Where({ order, steps }: { order: Schema["Order"]; steps: readonly Step[] }) {
  const isOffered = useOffers(path);
  const isOpen = steps.some(({ to }) => to === undefined);
  const { data } = useQuery({
    queryKey: ["order", order.id, "progress", order.version],
    enabled: isOffered,
    refetchInterval: isOpen && everyMs,
    queryFn: () => getOffered<Progress>(path, { params: { path: { id: order.id } } }),
    placeholderData: (before) => before,
  });
  const now = useNow(isOpen && data !== undefined);
  if (!data) return null;
  const timer = data.next_timer_at ? Date.parse(data.next_timer_at) - now : undefined;
  return (
    <div className="small soft stack tight">
      {data.steps?.map(({ step, attempts, under_way, next_at, last_failure }) => (
        <p key={step}>
          <strong>{step.replaceAll("_", " ")}</strong>: {attempts} {attempts === 1 ? "attempt" : "attempts"}{under_way && ", one is under way"}
          {next_at && Date.parse(next_at) > now && <>; next in <span className="number">{durationText(Date.parse(next_at) - now)}</span></>}
          {last_failure && <>; the last one came to nothing: {last_failure}</>}
        </p>
      ))}
      <p>
        {data.node ? <>On node <code>{data.node}</code></> : "No node answers for it now"}
        {data.shard !== undefined && <>, shard {data.shard}</>}, {data.in_memory ? "in memory" : "not in memory"}
        {timer !== undefined && data.next_timer_at && timer > 0 &&
          <>; acts by itself in <span className="number" title={exactTime(data.next_timer_at)}>{durationText(timer)}</span></>}
      </p>
    </div>
  );
}
