import "../kit/kit.css";

import { useState } from "react";

import { api, get } from "../../api/client";
import { useRights } from "../../session/rights";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Ask } from "../kit/Ask";
import { ListStates } from "../kit/ListStates";
import { paged, usePages } from "../kit/pages";
import { TargetTable } from "../kit/targets/TargetTable";
import { Fields, filledIn } from "./Fields";
import { useWaiting } from "./use-waiting";
import { brokerOf, countText } from "./words";

const readEveryMs = 5_000;

/// The message brokers that events are published to.
export function Sinks() {
  const [isAdding, setAdding] = useState(false);
  const { isAdmin } = useRights();
  const sinks = usePages(
    ["sinks", "list"],
    (cursor) => get(api.GET("/v1/sinks", { params: { query: paged(cursor) } })),
    readEveryMs,
  );
  const items = sinks.items ?? [];
  const waits = useWaiting(items, readEveryMs);
  const waitingOf = (id: string) => waits[items.findIndex((sink) => sink.id === id)]?.waiting;
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Sinks</h1>
        {isAdmin && (
          <Button kind="main" onClick={() => setAdding(true)}>
            Add a sink
          </Button>
        )}
      </div>
      <ListStates
        list={sinks}
        more="Show more sinks"
        empty={
          <Empty title="No sinks yet">
            <p>
              A sink publishes events to a message broker of yours: Kafka, RabbitMQ or Redis Streams.{" "}
              {isAdmin ? "Add one to begin." : "An admin can add one."}
            </p>
          </Empty>
        }>
        {(shown) => (
          <TargetTable
            name="Sink"
            to="/sinks"
            items={shown}
            about={(sink) => (
              <>
                {brokerOf(sink)?.name ?? sink.broker}, <code>{sink.destination}</code>
                {sink.description && ` · ${sink.description}`}
              </>
            )}
            waiting={({ id }) => {
              const waiting = waitingOf(id);
              return waiting ? countText(waiting) : <span className="soft">–</span>;
            }}
          />
        )}
      </ListStates>
      {isAdding && (
        <Ask
          title="Add a sink"
          action="Add it"
          onClose={() => {
            setAdding(false);
            void sinks.refetch();
          }}
          run={(values) => {
            const { user, password, ...rest } = filledIn(values);
            return get(
              api.POST("/v1/sinks", { body: { ...rest, ...(user && { user }), ...(password && { password }) } }),
            );
          }}>
          <Fields />
        </Ask>
      )}
    </div>
  );
}
