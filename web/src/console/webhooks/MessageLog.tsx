import { useMutation } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Refused } from "../../ui/Refused";
import { Time } from "../../ui/Time";
import { durationText } from "../../words/times";
import { Link } from "../go";
import { useAddress } from "../kit/address";
import { CardTable } from "../kit/GridTable";
import { ListStates } from "../kit/ListStates";
import { paged, usePages } from "../kit/pages";
import { deliveryState } from "./delivery-state";

const filters = [
  ["", "All"],
  ["pending", "To be sent"],
  ["delivered", "Delivered"],
  ["failed", "Given up"],
] as const;
const readEveryMs = 5_000;

/// Every message with what came of it, that about the latest event first.
export function MessageLog({ endpoint, canRetry }: { endpoint: string; canRetry: boolean }) {
  const [{ status = "" }, change] = useAddress();
  const path = { id: endpoint };
  const messages = usePages(
    ["webhook", endpoint, "messages", status],
    (cursor) =>
      get(
        api.GET("/v1/webhook-endpoints/{id}/deliveries", {
          params: { path, query: { ...paged(cursor), ...(status && { status }) } },
        }),
      ),
    readEveryMs,
  );
  const retry = useMutation({
    mutationFn: (message: string) =>
      get(
        api.POST("/v1/webhook-endpoints/{id}/deliveries/{message}/retry", { params: { path: { ...path, message } } }),
      ),
    onSettled: () => messages.refetch(),
  });
  return (
    <section className="stack tight" aria-labelledby="messages">
      <div className="row between">
        <h2 id="messages">Messages</h2>
        <div className="row" role="group" aria-label="Which messages">
          {filters.map(([value, name]) => (
            <Button key={value} kind="tiny" aria-pressed={status === value} onClick={() => change({ status: value })}>
              {name}
            </Button>
          ))}
        </div>
      </div>
      {retry.error && <Refused problem={retry.error} />}
      <ListStates
        list={messages}
        more="Show older messages"
        empty={
          <Empty title="No messages">
            <p>When an event happens that the endpoint wants, its message is here with every attempt.</p>
          </Empty>
        }>
        {(items) => (
          <CardTable columns={["About", "State", { number: "Attempts" }, "Answer", "When"]} hasActions>
            {items.map((message) => {
              const { text, tone } = deliveryState(message.status);
              return (
                <tr key={message.message_id + message.position}>
                  <td>
                    <code>{message.type}</code>
                    <small>
                      <Link
                        to="/log"
                        search={{ stream: message.event_id.replace(/^evt_(.*)\.\d+$/, "$1"), after: "earliest" }}>
                        {message.event_id}
                      </Link>
                    </small>
                  </td>
                  <td>
                    <Badge tone={tone}>{text}</Badge>
                  </td>
                  <td className="end" data-name="attempts">
                    {message.attempts}
                  </td>
                  <td>
                    {message.last_status ?? message.last_error ?? <span className="soft">none yet</span>}
                    {message.attempts > 0 && <small>after {durationText(message.last_duration_ms)}</small>}
                  </td>
                  <td>
                    <Time at={message.updated_at} />
                    {message.next_attempt_at && (
                      <small>next attempt {new Date(message.next_attempt_at).toLocaleTimeString("en-GB")}</small>
                    )}
                  </td>
                  <td className="end">
                    {canRetry && message.status !== "delivered" && (
                      <Button
                        kind="tiny"
                        busy={retry.isPending && retry.variables === message.message_id}
                        onClick={() => retry.mutate(message.message_id)}>
                        Send now
                      </Button>
                    )}
                  </td>
                </tr>
              );
            })}
          </CardTable>
        )}
      </ListStates>
    </section>
  );
}
