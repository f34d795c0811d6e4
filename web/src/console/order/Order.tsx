import "../kit/kit.css";
import "./order.css";

import { useMemo } from "react";

import { useOrder } from "../../orders/use-order";
import { Empty } from "../../ui/Empty";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { useShortcuts } from "../../ui/shortcuts";
import { Link, useNavigate, useParams, useSearch } from "../go";
import { Head } from "./Head";
import { stepsOf } from "./steps";
import { Delivery } from "./tabs/Delivery";
import { Events } from "./tabs/Events";
import { History } from "./tabs/History";
import { Lines } from "./tabs/Lines";
import { Payment } from "./tabs/Payment";
import { Curl, Json } from "./tabs/Raw";
import { Webhooks } from "./tabs/Webhooks";
import { Who } from "./tabs/Who";
import { Waterfall } from "./Waterfall";
import { Where } from "./Where";

interface Search {
  tab?: string;
  step?: string;
  event?: string;
  /// Of the order, as it was.
  version?: number;
}

/// One order: what it waits for, how it came there, and what can be done.
export function Order() {
  const { id } = useParams<{ id: string }>();
  const { tab = "lines", step, event, version } = useSearch<Search>();
  const navigate = useNavigate();
  const {
    order: { data: order, error, refetch },
    events,
    eventsError,
  } = useOrder(id, true);
  const steps = useMemo(() => stepsOf(events), [events]);
  const look = (change: Search) =>
    void navigate({ to: "/orders/$id", params: { id }, replace: true, search: (before) => ({ ...before, ...change }) });
  useShortcuts([{ keys: "u", text: "Back to the orders", run: () => void navigate({ to: "/orders" }) }]);

  if (error && !order) return <Refused problem={error} retry={() => void refetch()} />;
  if (!order)
    return (
      <div className="stack">
        <Skeleton width={64} height={8} />
        <Skeleton height={24} />
        <Skeleton height={64} />
      </div>
    );
  const tabs = [
    { name: "lines", title: `Lines ${order.lines.length}`, show: () => <Lines order={order} /> },
    { name: "payment", title: "Payment", show: () => <Payment order={order} events={events} /> },
    { name: "delivery", title: "Delivery", show: () => <Delivery order={order} steps={steps} /> },
    {
      name: "events",
      title: `Events ${events.length}`,
      show: () => <Events events={events} chosen={event} onChoose={(chosen) => look({ event: chosen ?? "" })} />,
    },
    {
      name: "history",
      title: "As it was",
      show: () => (
        <History
          order={order}
          events={events}
          version={Number(version) || order.version}
          onLook={(chosen) => look({ version: chosen })}
        />
      ),
    },
    { name: "who", title: "Who did what", show: () => <Who events={events} /> },
    { name: "webhooks", title: "Webhooks", show: () => <Webhooks order={order} /> },
    { name: "json", title: "JSON", show: () => <Json order={order} /> },
    { name: "curl", title: "As curl", show: () => <Curl order={order} /> },
  ];
  const open = tabs.find(({ name }) => name === tab);
  return (
    <div className="stack">
      <Head order={order} steps={steps} />
      {eventsError && events.length === 0 ? (
        <Refused problem={eventsError} />
      ) : (
        <Waterfall steps={steps} chosen={step} onChoose={(chosen) => look({ step: chosen ?? "" })} />
      )}
      <nav className="tabs" aria-label="Of this order">
        {tabs.map(({ name, title }) => (
          <Link
            key={name}
            to="/orders/$id"
            params={{ id }}
            search={(before) => ({ ...before, tab: name })}
            className="tab"
            activeOptions={{ exact: true }}
            aria-current={name === tab ? "page" : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      <section className="card" aria-label={open?.title ?? "Nothing"}>
        {open?.show() ?? <Empty title="There is no such tab" />}
      </section>
      <Where order={order} steps={steps} />
    </div>
  );
}
