import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Schema } from "../../api/client";
import { newKey } from "../../api/new-key";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { amountDigits, amountText, toMoney } from "../../words/money";
import { shortId } from "../../words/orders";
import { actions, type Kind, moneyText, perform, refundable, type Wish } from "./actions";

/// How an order that needs attention ends.
export const Outcome = () => (
  <fieldset className="choices">
    <legend className="legend">How it ended</legend>
    <label className="choice">
      <input type="radio" name="outcome" value="cancelled" defaultChecked />
      Cancelled
      <span className="hint">
        The customer gets nothing and owes nothing. It is refused when the money was captured.
      </span>
    </label>
    <label className="choice">
      <input type="radio" name="outcome" value="completed" />
      Completed
      <span className="hint">
        The customer has the goods and owes nothing. A payment that is only authorised is voided: you have been paid in
        another way.
      </span>
    </label>
  </fieldset>
);

interface Properties {
  kind: Kind;
  order: Schema["Order"];
  onClose: () => void;
}

/// Asks for what an action needs, says what it means, and does it.
export function ActionDialog({ kind, order, onClose }: Properties) {
  const cache = useQueryClient();
  const action = actions[kind];
  const left = refundable(order);
  const [key] = useState(newKey);
  const [wrong, setWrong] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: (wish: Wish) => perform(kind, order.id, wish),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["order", order.id] });
      onClose();
    },
  });

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wish: Wish = { reason: String(form.get("reason")).trim(), key };
    if (kind === "refund") {
      const amount = toMoney(String(form.get("amount")), left.currency);
      if (!amount || amount.amount < 1 || amount.amount > left.amount)
        return setWrong(`An amount up to ${amountText(left)}.`);
      wish.amount = amount;
      // Another amount is another refund.
      wish.key = `${key}.${amount.amount}`;
    }
    if (kind === "resolve") wish.outcome = form.get("outcome") === "completed" ? "completed" : "cancelled";
    if (!isPending) mutate(wish);
  }

  return (
    <Dialog title={`${action.verb} order ${shortId(order.id)}?`} held={isPending} onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <p className="soft">
          {action.consequence} {moneyText(kind, order)}
        </p>
        {kind === "refund" && (
          <Field
            label={`Amount in ${left.currency}`}
            name="amount"
            required
            inputMode="decimal"
            defaultValue={amountDigits(left)}
            wrong={wrong}
            onChange={() => setWrong("")}
          />
        )}
        {kind === "resolve" && <Outcome />}
        <Field
          label="Why"
          name="reason"
          required
          maxLength={500}
          defaultValue={action.reason}
          hint="It is kept with your name in the order's events."
        />
        {error && <Refused problem={error} />}
        <div className="row">
          <Button kind={action.danger ? "danger" : "main"} type="submit" busy={isPending}>
            {isPending ? "Under way …" : `${action.verb} the order`}
          </Button>
          <Button onClick={onClose} disabled={isPending}>
            Leave it as it is
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
