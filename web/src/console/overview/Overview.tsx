import "../kit/kit.css";
import "./overview.css";

import { Chart } from "./Chart";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { durationText } from "../../words/times";
import { Link } from "../go";
import { Attention } from "./Attention";
import { healthOf, troubleOf, troubleOfOrders, worstFirst } from "./health";
import { HealthDots } from "./HealthDots";
import { Latency } from "./Latency";
import { OpenOrders } from "./OpenOrders";
import { useFacts, useOpenOrders, useRetrying } from "./use-facts";
import { useThroughput } from "./use-throughput";

const perMinute = 12; // buckets
const meanOfLast = (values: readonly (number | null)[]) => {
  const known = values.slice(-perMinute).filter((value) => value !== null);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
};
const rateText = (value: number) => `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} /s`;

const Figure = ({ value, note }: { value: string; note: string }) => (
  <div className="figure">
    <strong className="number">{value}</strong>
    <span className="soft small">{note}</span>
  </div>
);

function Flow() {
  const { placed, completed, refused, p50, p99, measured } = useThroughput();
  const rate = meanOfLast(placed);
  const ended = meanOfLast(completed);
  const half = p50.at(-1) ?? null;
  const most = p99.at(-1) ?? null;
  const isKnown = placed.some((value) => value !== null);
  const rateLabel =
    rate === null
      ? "Orders per second: nothing seen yet"
      : `Orders per second in the last 15 minutes. In the last minute ${rateText(rate)} placed` +
        `${ended === null ? "" : `, ${rateText(ended)} completed`}.`;
  const timeLabel =
    half === null
      ? "Placed to delivered: no delivery seen yet"
      : `From placed to delivered in the last minute: half within ${durationText(half)}, ` +
        `99 of 100 within ${durationText(most ?? half)}.`;
  return (
    <div className="flow">
      <section className="card" aria-label="Orders per second">
        <header>
          <h2>Orders</h2>
          <Figure value={rate === null ? "–" : rateText(rate)} note="placed, last minute" />
        </header>
        <Chart
          label={rateLabel}
          from="15 min ago"
          to="now"
          valueText={rateText}
          lines={[
            { name: "placed", tone: "accent", values: placed },
            { name: "completed", tone: "done", values: completed },
            { name: "refused or cancelled", tone: "refused", values: refused },
          ]}
        />
        {!isKnown && <p className="soft small">The line begins now: it is drawn from what happens while you look.</p>}
      </section>
      <section className="card" aria-label="Placed to delivered">
        <header>
          <h2>Placed to delivered</h2>
          <Figure value={half === null ? "–" : durationText(half)} note="half within (p50)" />
          <Figure value={most === null ? "–" : durationText(most)} note="99 % within (p99)" />
        </header>
        <Chart
          label={timeLabel}
          from="15 min ago"
          to="now"
          valueText={durationText}
          lines={[
            { name: "p50", tone: "accent", values: p50 },
            { name: "p99", tone: "attention", values: p99 },
          ]}
        />
        <p className="soft small">
          {measured > 0
            ? `Of ${measured} deliveries in the last minute that were placed while you looked.`
            : "Measured of orders that are placed and delivered while you look."}
        </p>
      </section>
    </div>
  );
}

/// What did not work at first and is tried again: it mends itself, or needs a person in a while.
function Retrying() {
  const retrying = useRetrying();
  if (!retrying) return null;
  return (
    <Link to="/orders" search={{ retrying: "true" }} className="small">
      <strong className="number">
        {retrying.count}
        {retrying.isMore ? "+" : ""}
      </strong>{" "}
      retrying
    </Link>
  );
}

/// Whether all is well; if not, what to mend first.
export function Overview() {
  const { facts, error, isLoading, retry } = useFacts();
  const orders = useOpenOrders();
  const stuck = orders.data?.find(({ status }) => status === "needs_attention");
  const trouble = worstFirst([...troubleOf(facts), ...troubleOfOrders(stuck?.orders ?? [])]);
  return (
    <div className="stack overview">
      <h1>Overview</h1>
      {error && !facts.nodes ? (
        <Refused problem={error} retry={retry} />
      ) : (
        <HealthDots all={isLoading ? undefined : healthOf(facts)} />
      )}
      <section className="card" aria-labelledby="attention">
        <header>
          <h2 id="attention">Needs attention</h2>
        </header>
        {orders.error && !orders.data ? (
          <Refused problem={orders.error} retry={() => void orders.refetch()} />
        ) : isLoading || !orders.data ? (
          <div className="stack tight" aria-busy="true">
            <Skeleton height={10} />
            <Skeleton height={10} />
          </div>
        ) : (
          <Attention trouble={trouble} isMore={stuck?.isMore ?? false} />
        )}
      </section>
      <Flow />
      <section className="card" aria-labelledby="steps">
        <header>
          <h2 id="steps">How long each step takes</h2>
        </header>
        <Latency />
      </section>
      <section className="card" aria-labelledby="open">
        <header>
          <h2 id="open">Where orders are now</h2>
          <Retrying />
        </header>
        <OpenOrders groups={orders.data} />
      </section>
    </div>
  );
}
