import { useQuery } from "@tanstack/react-query";

import { api, get, type Schema } from "../../api/client";
import { exactTime } from "../../words/times";
import { durationText, type Step } from "./steps";
import { useNow } from "./Waterfall";

const everyMs = 2000;

/// Where the order lives, and its attempts at what is open. Neither stands in its events, so the node is asked now and
/// then.
export function Where({ order, steps }: { order: Schema["Order"]; steps: readonly Step[] }) {
  const isOpen = steps.some(({ to }) => to === undefined);
  const { data } = useQuery({
    queryKey: ["order", order.id, "progress", order.version],
    refetchInterval: isOpen && everyMs,
    queryFn: () => get(api.GET("/v1/orders/{id}/progress", { params: { path: { id: order.id } } })),
    placeholderData: (before) => before,
  });
  const now = useNow(isOpen && data !== undefined);
  if (!data) return null;
  const timer = data.next_timer_at ? Date.parse(data.next_timer_at) - now : undefined;
  return (
    <div className="small soft stack tight">
      {data.steps?.map(({ step, attempts, under_way, next_at, last_failure }) => (
        <p key={step}>
          <strong>{step.replaceAll("_", " ")}</strong>: {attempts} {attempts === 1 ? "attempt" : "attempts"}
          {under_way && ", one is under way"}
          {next_at && Date.parse(next_at) > now && (
            <>
              ; next in <span className="number">{durationText(Date.parse(next_at) - now)}</span>
            </>
          )}
          {last_failure && <>; the last one came to nothing: {last_failure}</>}
        </p>
      ))}
      <p>
        {data.node ? (
          <>
            On node <code>{data.node}</code>
          </>
        ) : (
          "No node answers for it now"
        )}
        {data.shard !== undefined && <>, shard {data.shard}</>}, {data.in_memory ? "in memory" : "not in memory"}
        {timer !== undefined && data.next_timer_at && timer > 0 && (
          <>
            ; acts by itself in{" "}
            <span className="number" title={exactTime(data.next_timer_at)}>
              {durationText(timer)}
            </span>
          </>
        )}
      </p>
    </div>
  );
}
