import { useState } from "react";

import type { Schema } from "../../api/client";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Time } from "../../ui/Time";
import { amountText } from "../../words/money";
import { fulfillmentStatusText, operatorReasonText, orderStatusText, paymentStatusText } from "../../words/operator";
import { shortId, statusTone } from "../../words/orders";
import { useRights } from "../../session/rights";
import { ActionDialog } from "../actions/ActionDialog";
import { actions, fitting, type Kind } from "../actions/actions";
import { Link } from "../go";
import { Export } from "./Export";
import { durationText, openStep, type Step } from "./steps";
import { useNow } from "./Waterfall";

/// What the order waits for, and how long the system lets it.
function WaitsFor({ steps }: { steps: readonly Step[] }) {
  const step = openStep(steps);
  const now = useNow(step !== undefined);
  if (!step) return null;
  const left = step.deadline === undefined ? undefined : step.deadline - now;
  return (
    <p className="waits">
      <strong>Waits</strong> {step.name.toLowerCase()}: {step.outcome}, for{" "}
      <span className="number">{durationText(now - step.from)}</span>
      {left !== undefined &&
        (left > 0 ? (
          <>
            ; given up in <span className="number">{durationText(left)}</span>
          </>
        ) : (
          "; its time is over"
        ))}
    </p>
  );
}

/// What an operator needs to know at once, and what they can do.
export function Head({ order, steps }: { order: Schema["Order"]; steps: readonly Step[] }) {
  const [asked, setAsked] = useState<Kind>();
  const { mayChange } = useRights();
  const { hold } = order;
  return (
    <header className="stack tight order-head">
      <p className="small crumbs">
        <Link to="/orders">Orders</Link> / <code title={order.id}>{shortId(order.id)}</code>{" "}
        <Copy text={order.id} name="Copy the order's number" />
      </p>
      <div className="row between">
        <div className="row">
          <h1 className="number">{amountText(order.total)}</h1>
          <Badge tone={statusTone(order.status)}>{orderStatusText(order.status)}</Badge>
        </div>
        <div className="row" role="group" aria-label="Actions">
          {mayChange &&
            fitting(order).map((kind) => (
              <Button key={kind} kind={actions[kind].danger ? "danger" : ""} onClick={() => setAsked(kind)}>
                {actions[kind].name}
              </Button>
            ))}
          <Export order={order.id} />
        </div>
      </div>
      <p className="soft">
        {order.delivery.name}, {order.delivery.address} · {order.payment.method} · placed <Time at={order.created_at} />
      </p>
      <p className="soft">
        Money: <strong>{paymentStatusText(order.payment_status)}</strong>
        {order.refunded && <> ({amountText(order.refunded)})</>} · Goods:{" "}
        <strong>{fulfillmentStatusText(order.fulfillment_status)}</strong> · customer{" "}
        <code title={order.customer_id}>{shortId(order.customer_id)}</code> · version {order.version}
      </p>
      {order.note && <p className="soft">Note: {order.note}</p>}
      {order.reason && (
        <p className={`notice tone-${statusTone(order.status)}`}>
          <strong>{orderStatusText(order.status)}</strong>
          {operatorReasonText(order.reason)}
        </p>
      )}
      {hold && (
        <p className="notice tone-attention">
          <strong>
            Held by {hold.by.kind} {shortId(hold.by.id)}
          </strong>
          <span>
            {operatorReasonText(hold.reason)} Since <Time at={hold.since} />; cancelled{" "}
            <Time at={hold.until} text={`in ${durationText(Date.parse(hold.until) - Date.now())}`} /> when nobody
            releases it.
          </span>
        </p>
      )}
      <WaitsFor steps={steps} />
      {asked && <ActionDialog kind={asked} order={order} onClose={() => setAsked(undefined)} />}
    </header>
  );
}
