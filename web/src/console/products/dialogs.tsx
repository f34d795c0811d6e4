import { useRef } from "react";

import { api, get, type Schema } from "../../api/client";
import { newKey } from "../../api/new-key";
import { Field } from "../../ui/Field";
import { Ask } from "../kit/Ask";
import { amountOf, digitsOf } from "./amounts";

type Product = Schema["Product"];
interface Properties {
  product: Product;
  onClose: () => void;
}

const path = ({ id }: Product) => ({ id });
/// Nobody overwrites what somebody else has changed meanwhile.
const onlyIf = ({ version }: Product) => ({ "If-Match": `"${version}"` });

export function AdjustStock({ product, onClose }: Properties) {
  // One intent, however often it is sent.
  const key = useRef(newKey());
  return (
    <Ask
      title={`Stock of ${product.name}`}
      action="Count it"
      onClose={onClose}
      run={({ delta = "", reason = "" }) =>
        get(
          api.POST("/v1/products/{id}/stock", {
            params: { path: path(product), header: { "Idempotency-Key": key.current } },
            body: { delta: Number(delta), reason },
          }),
        )
      }>
      <p className="soft">
        {product.on_hand} on hand, {product.reserved} of them held by orders. Less than that cannot be left.
      </p>
      <Field
        label="How many more"
        name="delta"
        type="number"
        required
        step={1}
        min={-1_000_000_000}
        max={1_000_000_000}
        hint="With a minus sign: how many fewer."
        autoFocus
      />
      <Field label="Why" name="reason" required maxLength={500} hint="It stands in the log with your name." />
    </Ask>
  );
}

export const ChangeProduct = ({ product, onClose }: Properties) => (
  <Ask
    title={`Change ${product.name}`}
    action="Change it"
    onClose={onClose}
    run={({ name = "", sku = "", price = "" }) =>
      get(
        api.PATCH("/v1/products/{id}", {
          params: { path: path(product), header: onlyIf(product) },
          body: {
            name,
            sku,
            price: { amount: amountOf(price, product.price.currency), currency: product.price.currency },
          },
        }),
      )
    }>
    <p className="soft">Orders that were placed keep the price that they were placed with.</p>
    <Field label="Name" name="name" required maxLength={200} defaultValue={product.name} />
    <Field label="SKU" name="sku" required maxLength={64} defaultValue={product.sku} />
    <Field
      label={`Price in ${product.price.currency}`}
      name="price"
      required
      inputMode="decimal"
      pattern="[0-9]+([.][0-9]+)?"
      defaultValue={digitsOf(product.price)}
    />
  </Ask>
);

export const Withdraw = ({ product, onClose }: Properties) => (
  <Ask
    title={`Withdraw ${product.name}?`}
    action="Withdraw it"
    danger
    onClose={onClose}
    keep="Keep it"
    run={() => get(api.DELETE("/v1/products/{id}", { params: { path: path(product), header: onlyIf(product) } }))}>
    <p>
      It cannot be ordered any more, and leaves this list.{" "}
      {product.reserved > 0 ? `The orders that hold ${product.reserved} of it go on.` : "No order holds any of it."}{" "}
      This cannot be undone.
    </p>
  </Ask>
);

export const AddProduct = ({ onClose }: { onClose: () => void }) => (
  <Ask
    title="Add a product"
    action="Add it"
    onClose={onClose}
    run={({ name = "", sku = "", price = "", currency = "", on_hand = "" }) =>
      get(
        api.POST("/v1/products", {
          body: { name, sku, on_hand: Number(on_hand), price: { amount: amountOf(price, currency), currency } },
        }),
      )
    }>
    <Field label="Name" name="name" required maxLength={200} autoFocus />
    <Field
      label="SKU"
      name="sku"
      required
      maxLength={64}
      hint="Your own number for it. No other product may have it."
    />
    <Field label="Price" name="price" required inputMode="decimal" pattern="[0-9]+([.][0-9]+)?" placeholder="4.50" />
    <Field label="Currency" name="currency" required pattern="[A-Z]{3}" defaultValue="EUR" maxLength={3} />
    <Field label="On hand" name="on_hand" type="number" required min={0} step={1} defaultValue="0" />
  </Ask>
);
