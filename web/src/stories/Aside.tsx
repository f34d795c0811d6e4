import type { ReactNode } from "react";

import type { Schema } from "../api/client";
import { Badge } from "../ui/Badge";
import { statusText, statusTone } from "../words/orders";
import { durationText } from "../words/times";
import { mostOrders } from "./run-events";
import { endsOf, statusIn } from "./story";

type Event = Schema["Event"];
type Report = Schema["ScenarioReport"];
type OrderLink = (order: string) => ReactNode;

/// What became of the orders, while it is played.
export function Now({
  events,
  drawn,
  orders,
  counts,
  orderLink,
}: {
  events: readonly Event[];
  drawn: readonly string[];
  orders: number;
  counts: ReadonlyMap<string, number>;
  orderLink: OrderLink;
}) {
  return (
    <section className="card stack tight" aria-labelledby="now">
      <div className="row between">
        <h2 id="now">Now</h2>
        <Badge tone="moving">Playing</Badge>
      </div>
      {orders === 0 && <p className="soft">The first order is on its way.</p>}
      <ul className="stack tight">
        {drawn.map((order) => {
          const status = statusIn(events, order);
          return (
            <li key={order} className="row between">
              {orderLink(order)}
              <Badge tone={statusTone(status)}>{statusText(status)}</Badge>
            </li>
          );
        })}
      </ul>
      {orders > mostOrders && (
        <p className="number">
          {orders} orders.{" "}
          {endsOf(counts)
            .map(({ status, count }) => `${count} ${statusText(status).toLowerCase()}`)
            .join(", ")}
        </p>
      )}
      <p className="soft small">The checks are made when it is over.</p>
    </section>
  );
}

/// What the story promised, and whether it holds. `isOver`: the replay is at the end, where the checks are made.
export function Checks({ report, isOver, orderLink }: { report: Report; isOver: boolean; orderLink: OrderLink }) {
  return (
    <section className="card stack tight" aria-labelledby="checks">
      <div className="row between">
        <h2 id="checks">Checks</h2>
        {isOver && (
          <Badge tone={report.verdict === "pass" ? "done" : "refused"}>
            {report.verdict === "pass" ? "Passed" : "Failed"}
          </Badge>
        )}
      </div>
      <ul className="checks">
        {report.expectations.map(({ text, ok }, index) => (
          <li key={text + String(index)} className={!isOver ? "open" : ok ? "ok" : "wrong"}>
            <span aria-hidden="true">{!isOver ? "○" : ok ? "✓" : "✕"}</span> {text}
            <span className="unseen">{isOver ? (ok ? ": holds" : ": does not hold") : ""}</span>
          </li>
        ))}
      </ul>
      <p className="soft small">
        Took {durationText(report.duration_ms)}.{" "}
        {report.order_ids.slice(0, mostOrders).map((order) => (
          <span key={order}>{orderLink(order)} </span>
        ))}
      </p>
    </section>
  );
}

/// What the player asked of the node, and what it was answered.
export const Steps = ({ steps }: { steps: Report["steps"] }) => (
  <details className="card story-steps">
    <summary>The report, step by step</summary>
    <ol>
      {steps.map(({ at_ms, event, detail }, index) => (
        <li key={index}>
          <span className="lane-time number soft">{durationText(at_ms)}</span>
          <span>
            <code>{event}</code> {detail}
          </span>
        </li>
      ))}
    </ol>
  </details>
);
