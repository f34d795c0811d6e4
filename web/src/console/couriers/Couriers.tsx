import "../kit/kit.css";
import "./couriers.css";

import { useQueries } from "@tanstack/react-query";
import { useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useLive } from "../../live/use-live";
import { useReadAgain } from "../../live/use-read-again";
import { useRights } from "../../session/rights";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useNow, useVisible } from "../../live/use-visible";
import { durationText } from "../../words/times";
import { Link } from "../go";
import { Ask } from "../kit/Ask";
import { Id } from "../kit/Id";
import { paged, usePages } from "../kit/pages";
import { CourierList } from "./CourierList";

type Delivery = Schema["Delivery"];
const columns = [
  { status: "requested", name: "Wanted", empty: "None waits for a courier." },
  { status: "offered", name: "Offered", empty: "No offer is open." },
  { status: "assigned", name: "Accepted", empty: "None is about to start." },
  { status: "started", name: "Under way", empty: "None is under way." },
  { status: "failed", name: "Failed", empty: "None has failed." },
] as const;
const most = 50;

const names: Record<string, string> = { offered: "answer", assigned: "start", started: "end" };
function Due({ delivery, now }: { delivery: Delivery; now: number }) {
  const what = names[delivery.status];
  if (!delivery.due_at || !what) return null;
  const left = Date.parse(delivery.due_at) - now;
  return (
    <span className={left < 0 ? "late" : "soft"}>
      {left < 0 ? `${what} overdue by ${durationText(-left)}` : `${what} due in ${durationText(left)}`}
    </span>
  );
}

function Column({
  name,
  empty,
  deliveries,
  isMore,
  now,
}: {
  name: string;
  empty: string;
  deliveries: Delivery[] | undefined;
  isMore: boolean;
  now: number;
}) {
  return (
    <section className="column" aria-label={name}>
      <h2>
        {name}{" "}
        {deliveries && (
          <span className="soft number">
            {deliveries.length}
            {isMore ? "+" : ""}
          </span>
        )}
      </h2>
      {!deliveries && <Skeleton height={20} />}
      {deliveries?.length === 0 && <p className="soft small">{empty}</p>}
      <ul>
        {deliveries?.map((delivery) => (
          <li key={delivery.id} className="job">
            <Link to={`/orders/${delivery.order_id}`}>
              <Id of={delivery.order_id} />
            </Link>
            {delivery.recipient && <span>{delivery.recipient.address}</span>}
            {delivery.courier_id && (
              <span className="soft">
                courier <Id of={delivery.courier_id} />
              </span>
            )}
            {delivery.reason && <span className="soft">{delivery.reason}</span>}
            <span className="small">
              <Due delivery={delivery} now={now} />{" "}
              {delivery.attempt > 1 && <span className="soft">attempt {delivery.attempt}</span>}
            </span>
            <span className="soft small">
              <Time at={delivery.updated_at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const AddCourier = ({ onClose }: { onClose: () => void }) => (
  <Ask
    title="Add a courier"
    action="Add them"
    onClose={onClose}
    run={({ name = "", capacity = "1", user_id = "" }) =>
      get(api.POST("/v1/couriers", { body: { name, capacity: Number(capacity), ...(user_id && { user_id }) } }))
    }>
    <Field label="Name" name="name" required maxLength={200} autoFocus />
    <Field label="Deliveries at once" name="capacity" type="number" min={1} max={100} defaultValue="1" required />
    <Field
      label="Their account"
      name="user_id"
      pattern="usr_[0-9a-z]+"
      placeholder="usr_…"
      hint="The id of a user who has the role courier: they then use the courier's page. Without it you act for them."
    />
  </Ask>
);

/// Couriers, and where deliveries are, as they move.
export function Couriers() {
  const [isAdding, setAdding] = useState(false);
  const { mayChange } = useRights();
  const now = useNow(1000);
  const isVisible = useVisible();
  const board = useQueries({
    queries: columns.map(({ status }) => ({
      queryKey: ["deliveries", "board", status],
      queryFn: () => get(api.GET("/v1/deliveries", { params: { query: { status, limit: most } } })),
    })),
  });
  const couriers = usePages(["couriers", "console"], (cursor) =>
    get(api.GET("/v1/couriers", { params: { query: paged(cursor) } })),
  );
  const readAgain = useReadAgain(["deliveries"], ["couriers"]);
  useLive(isVisible ? { types: ["delivery.*", "courier.*"] } : undefined, readAgain.soon, readAgain.now);
  const refused = board.find(({ error, data }) => error && !data);
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Couriers and deliveries</h1>
        {mayChange && (
          <Button kind="main" onClick={() => setAdding(true)}>
            Add a courier
          </Button>
        )}
        <p className="soft">
          Couriers who are online are asked first. Simulated ones, where nodes have them, bring the rest; they, and what
          only they were asked, are not shown here.
        </p>
      </div>
      {refused && <Refused problem={refused.error} retry={readAgain.now} />}
      <div className="board">
        {columns.map(({ status, name, empty }, index) => (
          <Column
            key={status}
            name={name}
            empty={empty}
            now={now}
            deliveries={board[index]?.data?.items}
            isMore={(board[index]?.data?.next_cursor ?? null) !== null}
          />
        ))}
      </div>
      <h2>Couriers</h2>
      <CourierList
        list={couriers}
        changed={readAgain.now}
        empty={
          <Empty title="No couriers yet">
            <p>
              Add one, for yourself to act for, or with the account of a user who has the role courier. Who is online
              then gets the next offers.
            </p>
          </Empty>
        }
      />
      {isAdding && (
        <AddCourier
          onClose={() => {
            setAdding(false);
            readAgain.now();
          }}
        />
      )}
    </div>
  );
}
