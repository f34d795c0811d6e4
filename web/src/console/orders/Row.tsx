import { memo, type ReactNode } from "react";

import type { Schema } from "../../api/client";
import { Badge } from "../../ui/Badge";
import { Time } from "../../ui/Time";
import { amountText } from "../../words/money";
import { fulfillmentStatusText, operatorReasonText, orderStatusText, paymentStatusText } from "../../words/operator";
import { shortId, statusTone } from "../../words/orders";
import { Link } from "../go";
import { columns, type ColumnName } from "./columns";

type Order = Schema["Order"];

const goodsText = ({ lines }: Order) =>
  lines.map(({ name, quantity }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(", ");
function aboutText({ hold, reason, payment_status }: Order): string {
  if (hold) return `Held: ${operatorReasonText(hold.reason)}`;
  return reason ? operatorReasonText(reason) : `Money ${paymentStatusText(payment_status)}`;
}

const cells: Record<ColumnName, (order: Order) => ReactNode> = {
  id: ({ id }) => <code title={id}>{shortId(id)}</code>,
  state: ({ status }) => <Badge tone={statusTone(status)}>{orderStatusText(status)}</Badge>,
  goods: (order) => (
    <>
      <strong>{order.delivery.name}</strong> <span className="soft">{goodsText(order)}</span>
    </>
  ),
  about: aboutText,
  payment: ({ payment_status }) => paymentStatusText(payment_status),
  fulfillment: ({ fulfillment_status }) => fulfillmentStatusText(fulfillment_status),
  address: ({ delivery }) => delivery.address,
  items: ({ lines }) => lines.reduce((sum, { quantity }) => sum + quantity, 0),
  total: ({ total }) => amountText(total),
  when: ({ created_at }) => <Time at={created_at} />,
  changed: ({ updated_at }) => <Time at={updated_at} />,
};

interface Properties {
  order: Order;
  shown: readonly ColumnName[];
  isSelected: boolean;
  /// Undefined for those who may only look.
  onSelect: ((id: string) => void) | undefined;
}

export const rowId = (id: string) => `row-${id}`;

/// The names of the columns, above the list. A screen reader reads each row by itself.
export const RowHead = ({ shown }: { shown: readonly ColumnName[] }) => (
  <div className="order-row row-head" aria-hidden="true">
    <span />
    <span className="cells">
      {columns.map(
        ({ name, title }) =>
          shown.includes(name) && (
            <span key={name} className={`cell ${name}`}>
              {title}
            </span>
          ),
      )}
    </span>
  </div>
);

/// An order in the list.
export const Row = memo(({ order, shown, isSelected, onSelect }: Properties) => (
  <div className={`order-row ${isSelected ? "selected" : ""}`}>
    {onSelect ? (
      <input
        type="checkbox"
        checked={isSelected}
        onChange={() => onSelect(order.id)}
        aria-label={`Select order ${shortId(order.id)}`}
      />
    ) : (
      <span />
    )}
    <Link to="/orders/$id" params={{ id: order.id }} id={rowId(order.id)} data-order={order.id} className="cells">
      {columns.map(
        ({ name }) =>
          shown.includes(name) && (
            <span key={name} className={`cell ${name}`}>
              {cells[name](order)}
            </span>
          ),
      )}
    </Link>
  </div>
));
