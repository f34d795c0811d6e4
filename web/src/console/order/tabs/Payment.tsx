import { useQuery } from "@tanstack/react-query";

import { api, get, type Schema } from "../../../api/client";
import type { Event } from "../../../live/connection";
import { Copy } from "../../../ui/Copy";
import { Refused } from "../../../ui/Refused";
import { Skeleton } from "../../../ui/Skeleton";
import { Time } from "../../../ui/Time";
import { eventText } from "../../../words/events";
import { amountText } from "../../../words/money";
import { paymentStatusText } from "../../../words/operator";
import { reasonText } from "../../../words/orders";

function Refunds({ items }: { items: Schema["Refund"][] }) {
  if (items.length === 0) return null;
  return (
    <>
      <h2 className="part">Refunds</h2>
      <ul className="plain-list">
        {items.map((refund) => (
          <li key={refund.id}>
            <strong className="number">{amountText(refund.amount)}</strong> {refund.status} ·{" "}
            {reasonText(refund.reason)} <Time at={refund.requested_at} />
          </li>
        ))}
      </ul>
    </>
  );
}

/// The money: where it is, and under which keys the provider was asked for it.
export function Payment({ order, events }: { order: Schema["Order"]; events: readonly Event[] }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["order", order.id, "payment", order.version],
    queryFn: () => get(api.GET("/v1/orders/{id}/payment", { params: { path: { id: order.id } } })),
    placeholderData: (before) => before,
  });
  if (error && !data) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={32} />;
  const asked = events.filter(({ type }) => type === "payment.intent_recorded");
  return (
    <div className="stack">
      <dl className="facts">
        <dt>Money</dt>
        <dd>{paymentStatusText(data.status)}</dd>
        <dt>Method</dt>
        <dd>{data.method}</dd>
        <dt>Set aside</dt>
        <dd className="number">{amountText(data.authorized)}</dd>
        <dt>Taken</dt>
        <dd className="number">{amountText(data.captured)}</dd>
        <dt>Given back</dt>
        <dd className="number">{amountText(data.refunded)}</dd>
        {data.reference && (
          <>
            <dt>Provider's reference</dt>
            <dd>
              <code>{data.reference}</code> <Copy text={data.reference} name="Copy the provider's reference" />
            </dd>
          </>
        )}
      </dl>
      {asked.length > 0 && <h2 className="part">What the provider was asked</h2>}
      <ul className="plain-list">
        {asked.map((event) => {
          const key = String(event.data["key"] ?? "");
          return (
            <li key={event.id}>
              {eventText(event)} · <code>{key}</code> <Copy text={key} name={`Copy the key ${key}`} />
            </li>
          );
        })}
      </ul>
      <Refunds items={data.refunds} />
    </div>
  );
}
