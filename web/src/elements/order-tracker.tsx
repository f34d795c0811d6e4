import { useEffect } from "react";

import { nextText, progress, type Stop } from "../orders/progress";
import { useOrder } from "../orders/use-order";
import { useSession } from "../session/use-session";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { Time } from "../ui/Time";
import { endText, statusText, statusTone } from "../words/orders";
import { clockTime } from "../words/times";
import { type Attributes, defineElement, tell } from "./define";
import style from "./order-tracker.css?inline";

const stateWords = { done: "done", now: "now", next: "still to come", never: "will not come" };

const Check = () => (
  <svg
    viewBox="0 0 12 12"
    fill="none"
    stroke="currentColor"
    strokeWidth="2.2"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true">
    <path d="M2.5 6.5 5 9l4.5-6" />
  </svg>
);

function StopView({ name, state, at }: Stop) {
  return (
    <li className={`stop ${state}`} aria-current={state === "now" ? "step" : undefined}>
      <span className="dot">{state === "done" && <Check />}</span>
      <span>
        {name}
        <span className="unseen">: {stateWords[state]}</span>
      </span>
      {at ? <Time at={at} text={clockTime(at)} /> : <span />}
    </li>
  );
}

const Waiting = () => (
  <div className="stack" aria-busy="true">
    <Skeleton width={32} height={6} />
    <Skeleton height={16} />
  </div>
);

function Tracker({ order: id, host }: Attributes<"order">) {
  const { order, events } = useOrder(id);
  const status = order.data?.status;
  useEffect(() => {
    if (status) tell(host, "order-status", { order: id, status });
  }, [host, id, status]);
  if (!order.data)
    return order.error ? <Refused problem={order.error} retry={() => void order.refetch()} /> : <Waiting />;
  const end = endText(order.data);
  const next = nextText(order.data, events);
  return (
    <section aria-label="Where the order is">
      <div className="head" aria-live="polite">
        <Badge tone={statusTone(order.data.status)}>{statusText(order.data.status)}</Badge>
        <span className="soft small">
          Changed <Time at={order.data.updated_at} />
        </span>
      </div>
      <ol className="stops">
        {progress(order.data, events).map((stop) => (
          <StopView key={stop.name} {...stop} />
        ))}
      </ol>
      {next && (
        <p className="outlook soft" aria-live="polite">
          {next}
        </p>
      )}
      {end && <p className={`notice tone-${statusTone(order.data.status)}`}>{end}</p>}
    </section>
  );
}

function OrderTracker(attributes: Attributes<"order">) {
  const { state } = useSession();
  if (!attributes.order) return null;
  if (state === "unknown") return <Waiting />;
  if (state === "signed_out")
    return (
      <Empty title="Sign in to see this order">
        <Button onClick={() => tell(attributes.host, "sign-in-wanted")}>Sign in</Button>
      </Empty>
    );
  return <Tracker {...attributes} />;
}

defineElement("waybill-order-tracker", ["order"], OrderTracker, style);
