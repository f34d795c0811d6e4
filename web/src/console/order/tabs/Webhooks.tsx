import { useQuery } from "@tanstack/react-query";

import { api, get, type Schema } from "../../../api/client";
import { Badge } from "../../../ui/Badge";
import { Empty } from "../../../ui/Empty";
import { Refused } from "../../../ui/Refused";
import { Skeleton } from "../../../ui/Skeleton";
import { Time } from "../../../ui/Time";
import { durationText } from "../../../words/times";
import { Link } from "../../go";
import { Id } from "../../kit/Id";
import { deliveryState } from "../../webhooks/delivery-state";

type Message = Schema["WebhookDeliveryOfOrder"];
const readEveryMs = 5_000;

function answerText({ last_status, last_error, attempts, last_duration_ms }: Message): string {
  if (attempts === 0) return "not tried yet";
  return `${last_status ?? last_error ?? "no answer"}, after ${durationText(last_duration_ms)}`;
}

/// What was sent to others about this order, and what they answered.
export function Webhooks({ order }: { order: Schema["Order"] }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["order", order.id, "webhooks", order.version],
    queryFn: () => get(api.GET("/v1/orders/{id}/webhook-deliveries", { params: { path: { id: order.id } } })),
    placeholderData: (before) => before,
    // While something is still to be sent.
    refetchInterval: ({ state }) => state.data?.items.some(({ status }) => status === "pending") && readEveryMs,
  });
  if (error && !data) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={32} />;
  if (data.items.length === 0)
    return (
      <Empty title="Nobody was told">
        <p>
          No webhook endpoint wants the events of this order, or what was sent is no longer kept. <br />
          <Link to="/webhooks">See the endpoints</Link>
        </p>
      </Empty>
    );
  return (
    <div className="stack tight">
      {!data.complete && <p className="soft small">The order has very many events: only the first are looked at.</p>}
      <div className="wide-table" tabIndex={0} role="region" aria-label="Messages to webhook endpoints">
        <table>
          <thead>
            <tr>
              <th>Event</th>
              <th>Endpoint</th>
              <th>State</th>
              <th className="end">Attempts</th>
              <th>Answer</th>
              <th>When</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((message) => {
              const { text, tone } = deliveryState(message.status);
              return (
                <tr key={message.endpoint_id + message.message_id}>
                  <td>
                    <code>{message.type}</code>
                  </td>
                  <td>
                    <Link to={`/webhooks/${message.endpoint_id}`}>
                      <Id of={message.endpoint_id} />
                    </Link>
                  </td>
                  <td>
                    <Badge tone={tone}>{text}</Badge>
                  </td>
                  <td className="end number">{message.attempts}</td>
                  <td>{answerText(message)}</td>
                  <td>
                    <Time at={message.updated_at} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
