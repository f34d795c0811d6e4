import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { newKey } from "../../api/new-key";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Refused } from "../../ui/Refused";
import { Time } from "../../ui/Time";
import { amountText } from "../../words/money";
import { Payment } from "../cart/Payment";

/// Pays an order that was placed to be paid later. The same payment sent again, after an answer that was lost, pays
/// once.
export function PayOrder({ order }: { order: Schema["Order"] }) {
  const [isOpen, setOpen] = useState(false);
  const intent = useRef({ token: "", key: "" });
  const cache = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (token: string) => {
      if (intent.current.token !== token) intent.current = { token, key: newKey() };
      const header = { "Idempotency-Key": intent.current.key, Prefer: "wait=4" };
      return get(
        api.POST("/v1/orders/{id}/payment", {
          params: { path: { id: order.id }, header },
          body: { method: "card", token },
        }),
      );
    },
    onSuccess: (paid) => {
      cache.setQueryData(["order", order.id], paid);
      setOpen(false);
    },
    // Somebody else may have paid, or it is too late: what is shown is old.
    onError: () => void cache.invalidateQueries({ queryKey: ["order", order.id] }),
  });

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!isPending) mutate(String(new FormData(event.currentTarget).get("token") ?? ""));
  }

  return (
    <>
      {order.pay_by && (
        <p className="soft small">
          Pay by <Time at={order.pay_by} />, or it is cancelled.
        </p>
      )}
      <Button
        kind="main"
        onClick={() => {
          reset();
          setOpen(true);
        }}>
        Pay {amountText(order.total)}
      </Button>
      {isOpen && (
        <Dialog title="Pay this order" held={isPending} onClose={() => setOpen(false)}>
          <form className="stack" onSubmit={send} aria-busy={isPending}>
            <Payment />
            {error && <Refused problem={error} />}
            <div className="row">
              <Button kind="main" type="submit" busy={isPending}>
                {isPending ? "Paying …" : "Pay"}
              </Button>
              <Button onClick={() => setOpen(false)}>Later</Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
