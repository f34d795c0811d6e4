import "../kit/kit.css";
import "./bulk.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { shortId, type Tone } from "../../words/orders";
import { explain } from "../../words/problems";
import { actions, kinds } from "../actions/actions";
import { Link, useParams } from "../go";
import { Id } from "../kit/Id";
import { type BulkAction, isOver, itemText, nextLook, refusalsOf } from "./bulk";
import { ordersText } from "./BulkDialog";

const states: Record<string, [text: string, tone: Tone]> = {
  running: ["Under way", "moving"],
  stopping: ["Being stopped", "attention"],
  stopped: ["Stopped", "attention"],
  finished: ["Over", "done"],
};

function titleOf({ action, counts, outcome }: BulkAction): string {
  const kind = kinds.find((one) => one === action);
  return `${kind ? actions[kind].verb : action} ${ordersText(counts.total)}${outcome ? ` as ${outcome}` : ""}`;
}

function Refusals({ items }: Pick<BulkAction, "items">) {
  const refusals = refusalsOf(items);
  if (refusals.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="refused">
      <h2 id="refused">Refused</h2>
      <ul className="bulk-refused" aria-label="Refused">
        {refusals.map(({ order, problem }) => {
          const { title, advice } = explain(problem);
          return (
            <li key={order}>
              <Link to="/orders/$id" params={{ id: order }}>
                <code title={order}>{shortId(order)}</code>
              </Link>{" "}
              {title}. {advice}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Results({ action, mayChange }: { action: BulkAction; mayChange: boolean }) {
  const cache = useQueryClient();
  const { id, counts, items } = action;
  const stop = useMutation({
    mutationFn: () => get(api.POST("/v1/bulk-actions/{id}/stop", { params: { path: { id } } })),
    // It may have gone on meanwhile: the next look tells.
    onSettled: () => cache.invalidateQueries({ queryKey: ["bulk", id] }),
  });
  const isEnded = isOver(action);
  return (
    <>
      <section className="card stack" aria-label="Progress">
        <progress max={counts.total} value={counts.total - counts.pending} aria-label="Progress" />
        <p role="status">
          <strong>{counts.done} done</strong>, {counts.refused} refused
          {counts.skipped > 0 && `, ${counts.skipped} left as they were`}
          {counts.pending > 0 && `, ${counts.pending} to go`}
        </p>
        {stop.error && <Refused problem={stop.error} />}
        {!isEnded && (
          <div className="row">
            {mayChange && (
              <Button kind="danger" busy={stop.isPending || action.status === "stopping"} onClick={() => stop.mutate()}>
                Stop
              </Button>
            )}
            <span className="soft small">
              It goes on by itself when you leave this page; its address shows it again.
            </span>
          </div>
        )}
      </section>
      <Refusals items={items} />
      <details className="card">
        <summary>Each order</summary>
        <ul className="bulk-items">
          {items.map(({ order_id, status }) => (
            <li key={order_id}>
              <Link to="/orders/$id" params={{ id: order_id }}>
                <Id of={order_id} />
              </Link>{" "}
              <span className="soft">{itemText(status)}</span>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

/// What is, or was, done to many orders at once, with what became of each.
export function Bulk() {
  const { id } = useParams<{ id: string }>();
  const { mayChange } = useRights();
  const { data, error, refetch } = useQuery({
    queryKey: ["bulk", id],
    queryFn: () => get(api.GET("/v1/bulk-actions/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => nextLook(state.data, state.status === "error"),
    staleTime: 0,
  });
  const [text, tone] = states[data?.status ?? ""] ?? [data?.status ?? "", "waiting"];
  return (
    <div className="stack">
      <p className="small">
        <Link to="/orders">← Orders</Link>
        {" · "}
        <Link to="/log" search={{ types: "bulk_action.started", after: "earliest" }}>
          All bulk actions so far
        </Link>
      </p>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={48} />}
      {data && (
        <>
          <div className="page-head">
            <h1>{titleOf(data)}</h1>
            <Badge tone={tone}>{text}</Badge>
            <p className="soft">
              “{data.reason}”, said by {data.by.kind} <Id of={data.by.id} />, <Time at={data.created_at} />
            </p>
          </div>
          <Results action={data} mayChange={mayChange} />
        </>
      )}
    </div>
  );
}
