import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { sentence } from "../../words/problems";
import { Quantity } from "../cart/Stepper";
import { changesOf, type Wish } from "./changes";

type Order = Schema["Order"];

function Lines({ wish, setWish }: { wish: Wish; setWish: (wish: Wish) => void }) {
  return (
    <ul className="lines">
      {wish.lines.map((line) => (
        <li key={line.product_id}>
          <span>{line.name}</span>
          <Quantity
            name={line.name}
            quantity={line.quantity}
            least={wish.lines.filter(({ quantity }) => quantity > 0).length > 1 ? 0 : 1}
            set={(quantity) =>
              setWish({ ...wish, lines: wish.lines.map((one) => (one === line ? { ...line, quantity } : one)) })
            }
          />
        </li>
      ))}
    </ul>
  );
}

function Form({ order, close }: { order: Order; close: () => void }) {
  const cache = useQueryClient();
  const [wish, setWish] = useState<Wish>({ ...order.delivery, note: order.note, lines: order.lines });
  const { mutate, isPending, error } = useMutation({
    // Without If-Match: an order moves on by itself, and only what was changed is sent.
    mutationFn: (body: NonNullable<ReturnType<typeof changesOf>>) =>
      get(api.PATCH("/v1/orders/{id}", { params: { path: { id: order.id } }, body })),
    onSuccess: (changed) => {
      cache.setQueryData(["order", order.id], changed);
      close();
    },
    onError: () => void cache.invalidateQueries({ queryKey: ["order", order.id] }),
  });
  const changes = changesOf(order, wish);
  const wrongAt = (pointer: string) => {
    const detail = error && asProblem(error).errors.find((one) => one.pointer === pointer)?.detail;
    return detail ? sentence(detail) : undefined;
  };
  function send(event: FormEvent) {
    event.preventDefault();
    if (changes && !isPending) mutate(changes);
  }
  return (
    <form className="stack" onSubmit={send} aria-busy={isPending}>
      <Lines wish={wish} setWish={setWish} />
      {changes?.lines && (
        <p className="hint">
          Other quantities are priced as of today, and your card is asked for the new total. If that fails, the order
          stays as it is.
        </p>
      )}
      <Field
        label="Name"
        required
        maxLength={200}
        value={wish.name}
        wrong={wrongAt("/delivery/name")}
        onChange={({ target }) => setWish({ ...wish, name: target.value })}
      />
      <Field
        label="Address"
        required
        maxLength={500}
        value={wish.address}
        wrong={wrongAt("/delivery/address")}
        onChange={({ target }) => setWish({ ...wish, address: target.value })}
      />
      <Field
        label="Note for the courier"
        maxLength={1000}
        value={wish.note}
        wrong={wrongAt("/note")}
        onChange={({ target }) => setWish({ ...wish, note: target.value })}
      />
      {error && <Refused problem={error} />}
      <div className="row">
        <Button kind="main" type="submit" busy={isPending} disabled={!changes}>
          {isPending ? "Changing …" : "Change the order"}
        </Button>
        <Button onClick={close}>Leave it as it is</Button>
      </div>
    </form>
  );
}

/// Changes an order until a courier is asked for it.
export function ChangeOrder({ order }: { order: Order }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Change this order</Button>
      {isOpen && (
        <Dialog title="Change this order" onClose={() => setOpen(false)}>
          <Form order={order} close={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}
