import "../kit/kit.css";

import { useQuery } from "@tanstack/react-query";

import { api, get, type Schema } from "../../api/client";
import { useLive } from "../../live/use-live";
import { useReadAgain } from "../../live/use-read-again";
import { useNow, useVisible } from "../../live/use-visible";
import { Badge } from "../../ui/Badge";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { amountText } from "../../words/money";
import { operatorReasonText, orderStatusText, paymentStatusText } from "../../words/operator";
import { statusTone } from "../../words/orders";
import { isAboutMoney } from "../audit/audit";
import { useAudit } from "../audit/use-audit";
import { Violations } from "../audit/Violations";
import { Link } from "../go";
import { GridTable } from "../kit/GridTable";
import { Id } from "../kit/Id";
import { type Group, groupsOf, type Kind, sumsOf } from "./reconcile";

type Order = Schema["Order"];
const most = 200;
const readEveryMs = 10_000;

const texts: Record<Kind, { title: string; about: string; none: string; all?: { text: string; search: object } }> = {
  unanswered: {
    title: "The provider has not answered",
    about:
      "It was asked, and nobody knows whether it did it. It is asked for its answer by the same key until it comes.",
    none: "Every question was answered.",
  },
  attention: {
    title: "Waits for a person, with money that is not settled",
    about: "Retry takes the step again under the same key; resolve says how it ended.",
    none: "No order is stuck with money.",
    all: { text: "Mend them together", search: { status: "needs_attention" } },
  },
  waiting: {
    title: "A step takes long",
    about: "These go on by themselves, and are given up at the deadline of the step.",
    none: "Nothing takes longer than it should.",
  },
};

/// The orders whose money may be under way: by what they wait for, and by status.
async function readOrders(): Promise<{ orders: Order[]; isMore: boolean }> {
  const waits = ["payment", "settlement", "compensation"];
  const pages = await Promise.all([
    ...waits.map((waits_for) => get(api.GET("/v1/orders", { params: { query: { waits_for, limit: most } } }))),
    get(api.GET("/v1/orders", { params: { query: { status: ["needs_attention"], sort: "created_at", limit: most } } })),
  ]);
  return {
    orders: pages.flatMap(({ items }) => items),
    isMore: pages.some(({ next_cursor, items }) => next_cursor !== null && items.length > 0),
  };
}

function Orders({ kind, orders }: Group) {
  const { title, about, none, all } = texts[kind];
  return (
    <section className="card stack tight" aria-labelledby={`pay-${kind}`}>
      <div className="row between">
        <h2 id={`pay-${kind}`}>
          {title} {orders.length > 0 && <span className="soft number">{orders.length}</span>}
        </h2>
        {orders.length > 0 && (
          <strong className="number">
            {sumsOf(orders)
              .map((sum) => amountText(sum))
              .join(" + ")}
          </strong>
        )}
      </div>
      {orders.length === 0 ? (
        <p className="soft">{none}</p>
      ) : (
        <>
          <p className="soft">{about}</p>
          <GridTable columns={["Order", "Status", "Money", "Why", { number: "Amount" }, "Since"]}>
            {orders.map((order) => (
              <tr key={order.id}>
                <td>
                  <Link to={`/orders/${order.id}`} search={{ tab: "payment" }}>
                    <Id of={order.id} />
                  </Link>
                </td>
                <td>
                  <Badge tone={statusTone(order.status)}>{orderStatusText(order.status)}</Badge>
                </td>
                <td className="short">{paymentStatusText(order.payment_status)}</td>
                <td>{order.reason && operatorReasonText(order.reason)}</td>
                <td className="end">{amountText(order.total)}</td>
                <td className="short" data-name="since">
                  <Time at={order.updated_at} />
                </td>
              </tr>
            ))}
          </GridTable>
          {all && (
            <div>
              <Link to="/orders" search={{ ...all.search }} className="button">
                {all.text}
              </Link>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function Ledger() {
  const { data, error, refetch } = useAudit();
  const open = data?.open.filter(isAboutMoney) ?? [];
  return (
    <section className="card" aria-labelledby="ledger">
      <header>
        <h2 id="ledger">Our books and the provider's</h2>
        <Link to="/audit" className="small">
          Audit
        </Link>
      </header>
      {error && !data ? (
        <Refused problem={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton height={10} />
      ) : open.length > 0 ? (
        <Violations all={open} />
      ) : (
        <p className="soft">
          {data.saved_at
            ? "They agree, as far as the auditor has come. It reads the ledger of the simulated provider; compare with an outside provider's own report."
            : "No auditor has compared them yet."}
        </p>
      )}
    </section>
  );
}

/// The payments that a person may have to reconcile: what is open with the provider, and what does not agree.
export function Payments() {
  const now = useNow(readEveryMs);
  const { data, error, refetch } = useQuery({
    queryKey: ["payments", "reconcile"],
    queryFn: readOrders,
    refetchInterval: readEveryMs,
    staleTime: 0,
  });
  const readAgain = useReadAgain(["payments"]);
  const isVisible = useVisible();
  const followed = { types: ["payment.unknown", "order.needs_attention", "order.resolved", "order.payment_unknown"] };
  useLive(isVisible ? followed : undefined, readAgain.soon, readAgain.now);
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Payments to reconcile</h1>
      </div>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={64} />}
      {data && groupsOf(data.orders, now).map((group) => <Orders key={group.kind} {...group} />)}
      {data?.isMore && <p className="soft small">Up to {most} of each are looked at; there are more.</p>}
      <Ledger />
    </div>
  );
}
