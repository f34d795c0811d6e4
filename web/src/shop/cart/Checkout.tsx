import type { FormEvent } from "react";

import { asProblem } from "../../api/problem";
import { useSession } from "../../session/use-session";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { amountText } from "../../words/money";
import { endText } from "../../words/orders";
import { sentence } from "../../words/problems";
import { lastRecipient } from "./address";
import { totals, useCart } from "./cart";
import { Payment } from "./Payment";
import { useCheckout } from "./use-checkout";

export function Checkout() {
  const cart = useCart();
  const who = useSession();
  const known = lastRecipient();
  const { mutate, isPending, error, data } = useCheckout();
  const wrongAt = (pointer: string) => {
    const found = error && asProblem(error).errors.find((one) => one.pointer === pointer);
    return found ? sentence(found.detail) : undefined;
  };

  const isMarked = ["/delivery/name", "/delivery/address", "/note"].some(wrongAt);

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending) return;
    const values = new FormData(event.currentTarget);
    const text = (name: string) => String(values.get(name) ?? "").trim();
    const note = text("note");
    mutate({
      payment: { method: "card", token: text("token") },
      delivery: { name: text("name"), address: text("address") },
      ...(note && { note }),
    });
  }

  return (
    <form className="card stack" onSubmit={send} aria-busy={isPending} aria-label="Order">
      <h2>Where to</h2>
      <Field
        label="Name"
        name="name"
        autoComplete="name"
        required
        maxLength={200}
        wrong={wrongAt("/delivery/name")}
        defaultValue={known.name ?? (who.state === "signed_in" ? who.user.name : "")}
      />
      <Field
        label="Address"
        name="address"
        autoComplete="street-address"
        required
        maxLength={500}
        wrong={wrongAt("/delivery/address")}
        defaultValue={known.address ?? ""}
      />
      <Field
        label="Note for the courier"
        name="note"
        maxLength={1000}
        hint="If there is something to know."
        wrong={wrongAt("/note")}
      />
      <Payment />
      {error && !isMarked && <Refused problem={error} />}
      {data?.status === "rejected" && !isPending && (
        <div className="notice tone-refused" role="alert">
          <strong>Your order was not taken</strong>
          <span>{endText(data)} Your cart is as it was.</span>
        </div>
      )}
      <Button kind="main wide" type="submit" busy={isPending}>
        {isPending ? "Ordering …" : `Order for ${totals(cart).map(amountText).join(" + ")}`}
      </Button>
    </form>
  );
}
