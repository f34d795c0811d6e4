import "../../elements/order-tracker";

import { Link, useNavigate, useParams } from "@tanstack/react-router";

import type { Schema } from "../../api/client";
import { useOrder } from "../../orders/use-order";
import { useSession } from "../../session/use-session";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { amountText } from "../../words/money";
import { awaitsPayer, canBeCancelled, hasEnded, mayBeChanged, shortId } from "../../words/orders";
import { setQuantity } from "../cart/cart";
import { CancelOrder } from "./CancelOrder";
import { ChangeOrder } from "./ChangeOrder";
import { PayOrder } from "./PayOrder";

/// A refused card costs nobody the cart.
function OrderAgain({ lines }: { lines: Schema["OrderLine"][] }) {
  const navigate = useNavigate();
  return (
    <Button
      onClick={() => {
        for (const { product_id, name, unit_price, quantity } of lines)
          setQuantity({ id: product_id, name, price: unit_price }, quantity);
        void navigate({ to: "/cart" });
      }}>
      Put it into the cart again
    </Button>
  );
}

function Bought({ id }: { id: string }) {
  const {
    order: { data: order, error },
  } = useOrder(id);
  // The tracker says why.
  if (error && !order) return null;
  if (!order)
    return (
      <div className="card">
        <Skeleton height={32} />
      </div>
    );
  return (
    <div className="columns">
      <section className="card" aria-label="What was ordered">
        <ul className="lines">
          {order.lines.map(({ product_id, name, quantity, unit_price, total }) => (
            <li key={product_id}>
              <span>
                {name}
                <br />
                <span className="soft small number">{amountText(unit_price)} each</span>
              </span>
              <span className="quantity number">{quantity} ×</span>
              <span className="price">{amountText(total)}</span>
            </li>
          ))}
        </ul>
        <p className="sum">
          <span>Total</span>
          <span className="number">{amountText(order.total)}</span>
        </p>
      </section>
      <section className="card stack" aria-label="Where it goes">
        <dl className="facts">
          <dt>To</dt>
          <dd>
            {order.delivery.name}
            <br />
            {order.delivery.address}
          </dd>
          {order.note && (
            <>
              <dt>Note</dt>
              <dd>{order.note}</dd>
            </>
          )}
          <dt>Ordered</dt>
          <dd>
            <Time at={order.created_at} />
          </dd>
          <dt>Number</dt>
          <dd>
            <code title={order.id}>{shortId(order.id)}</code>
          </dd>
        </dl>
        {awaitsPayer(order) && <PayOrder order={order} />}
        {mayBeChanged(order) && <ChangeOrder order={order} />}
        {canBeCancelled(order) && <CancelOrder id={order.id} />}
        {hasEnded(order) && <OrderAgain lines={order.lines} />}
      </section>
    </div>
  );
}

/// An order, live until it has ended.
export function Order() {
  const { id } = useParams({ from: "/orders/$id" });
  const { state } = useSession();
  if (state === "signed_out")
    return (
      <Empty title="Sign in to see this order">
        <Link to="/sign-in" search={{ to: `/orders/${id}` }} className="button main">
          Sign in
        </Link>
      </Empty>
    );
  return (
    <div className="stack">
      <p className="small">
        <Link to="/orders">← Your orders</Link>
      </p>
      <h1>Your order</h1>
      <div className="card">
        <waybill-order-tracker order={id} />
      </div>
      {state === "signed_in" && <Bought id={id} />}
    </div>
  );
}
