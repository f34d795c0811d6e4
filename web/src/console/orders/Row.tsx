import { memo } from "react";

import type { Schema } from "../../api/client";
import { Badge } from "../../ui/Badge";
import { Time } from "../../ui/Time";
import { amountText } from "../../words/money";
import { operatorReasonText, orderStatusText, paymentStatusText } from "../../words/operator";
import { shortId, statusTone } from "../../words/orders";
import { Link } from "../go";

const goodsText = ({ lines }: Schema["Order"]) =>
  lines.map(({ name, quantity }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(", ");
const aboutText = ({ hold, reason, payment_status }: Schema["Order"]) =>
  hold
    ? `Held: ${operatorReasonText(hold.reason)}`
    : reason
      ? operatorReasonText(reason)
      : `Money ${paymentStatusText(payment_status)}`;

interface Properties {
  order: Schema["Order"];
  isSelected: boolean;
  onSelect: (id: string) => void;
}

export const rowId = (id: string) => `row-${id}`;

/// An order in the list.
export const Row = memo(({ order, isSelected, onSelect }: Properties) => (
  <div className={`order-row ${isSelected ? "selected" : ""}`}>
    <input
      type="checkbox"
      checked={isSelected}
      onChange={() => onSelect(order.id)}
      aria-label={`Select order ${shortId(order.id)}`}
    />
    <Link to="/orders/$id" params={{ id: order.id }} id={rowId(order.id)} data-order={order.id}>
      <code title={order.id}>{shortId(order.id)}</code>
      <span className="state">
        <Badge tone={statusTone(order.status)}>{orderStatusText(order.status)}</Badge>
      </span>
      <span className="goods">
        <strong>{order.delivery.name}</strong> <span className="soft">{goodsText(order)}</span>
      </span>
      <span className="about soft small">{aboutText(order)}</span>
      <span className="number total">{amountText(order.total)}</span>
      <span className="soft small when">
        <Time at={order.created_at} />
      </span>
    </Link>
  </div>
));
