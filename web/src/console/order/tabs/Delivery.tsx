import { useQuery } from "@tanstack/react-query";

import { api, get, type Schema } from "../../../api/client";
import { Badge } from "../../../ui/Badge";
import { Empty } from "../../../ui/Empty";
import { Refused } from "../../../ui/Refused";
import { Skeleton } from "../../../ui/Skeleton";
import { Time } from "../../../ui/Time";
import { durationText, type Step } from "../steps";

/// Who was asked to bring it, and what they said.
export function Delivery({ order, steps }: { order: Schema["Order"]; steps: readonly Step[] }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["order", order.id, "delivery", steps.length, order.version],
    queryFn: () => get(api.GET("/v1/orders/{id}/delivery", { params: { path: { id: order.id } } })),
    placeholderData: (before) => before,
  });
  if (error && !data) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={32} />;
  if (data.status === "none")
    return (
      <Empty title="Not dispatched yet">
        <p>Couriers are asked once the order is confirmed, and not held.</p>
      </Empty>
    );
  const offers = steps.filter(({ events }) => events[0]?.type === "delivery.offered");
  return (
    <div className="stack">
      <dl className="facts">
        <dt>Delivery</dt>
        <dd>
          {data.status}
          {data.id && (
            <>
              {" "}
              · <code>{data.id}</code>
            </>
          )}
        </dd>
        <dt>To</dt>
        <dd>
          {data.recipient.name}, {data.recipient.address}
        </dd>
        <dt>Offers made</dt>
        <dd className="number">{data.attempts}</dd>
        {data.courier_id && (
          <>
            <dt>Courier</dt>
            <dd>
              <code>{data.courier_id}</code>
            </dd>
          </>
        )}
        {data.requested_at && (
          <>
            <dt>Asked for</dt>
            <dd>
              <Time at={data.requested_at} />
            </dd>
          </>
        )}
      </dl>
      <ol className="plain-list">
        {offers.map((offer) => (
          <li key={offer.id} className="row">
            <strong>{offer.name}</strong>
            <Badge tone={offer.tone}>{offer.outcome}</Badge>
            <span className="soft number">
              {offer.stretches
                .map(({ from, to, text }) => to && `${text}: ${durationText(to - from)}`)
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
