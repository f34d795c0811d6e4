import "../../elements/sign-in";

import { Link } from "@tanstack/react-router";

import { useSession } from "../../session/use-session";
import { Empty } from "../../ui/Empty";
import { amountText, times } from "../../words/money";
import { totals, useCart } from "./cart";
import { Checkout } from "./Checkout";
import { Stepper } from "./Stepper";

function Pay() {
  const lines = useCart();
  const { state } = useSession();
  if (totals(lines).length > 1)
    return (
      <p className="notice tone-attention">An order has one currency. Take out the products of all others to go on.</p>
    );
  if (state === "signed_out")
    return (
      <div className="card">
        <waybill-sign-in />
      </div>
    );
  return state === "signed_in" ? <Checkout /> : null;
}

/// What is in the cart, and beside it all that is needed to order.
export function Cart() {
  const lines = useCart();
  if (lines.length === 0)
    return (
      <Empty isPage title="Your cart is empty">
        <Link to="/" className="button main">
          To the products
        </Link>
      </Empty>
    );
  return (
    <div className="stack">
      <h1>Your cart</h1>
      <div className="columns">
        <section className="card" aria-label="In the cart">
          <ul className="lines">
            {lines.map(({ product, quantity }) => (
              <li key={product.id}>
                <span>
                  {product.name}
                  <br />
                  <span className="soft small number">{amountText(product.price)} each</span>
                </span>
                <Stepper product={product} quantity={quantity} />
                <span className="price">{amountText(times(product.price, quantity))}</span>
              </li>
            ))}
          </ul>
          {totals(lines).map((sum) => (
            <p key={sum.currency} className="sum">
              <span>Total</span>
              <span className="number">{amountText(sum)}</span>
            </p>
          ))}
        </section>
        <Pay />
      </div>
    </div>
  );
}
