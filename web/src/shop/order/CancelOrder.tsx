import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef } from "react";

import { api, get } from "../../api/client";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";

/// Cancels an order, after saying what that means.
export function CancelOrder({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const cache = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (reason: string) => get(api.POST("/v1/orders/{id}/cancel", { params: { path: { id } }, body: { reason } })),
    onSuccess: (order) => {
      cache.setQueryData(["order", id], order);
      dialog.current?.close();
    },
  });

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!isPending) mutate(String(new FormData(event.currentTarget).get("reason")));
  }

  return (
    <>
      <Button kind="danger" onClick={() => { reset(); dialog.current?.showModal(); }}>Cancel this order</Button>
      <dialog ref={dialog} aria-labelledby="cancel-title">
        <form className="stack" onSubmit={send}>
          <h2 id="cancel-title">Cancel this order?</h2>
          <p className="soft">What you paid goes back to your card. When a courier is already under way, it can no longer be cancelled.</p>
          <Field label="Why" name="reason" required maxLength={500} defaultValue="changed my mind" />
          {error && <Refused problem={error} />}
          <div className="row">
            <Button kind="danger" type="submit" busy={isPending}>Cancel the order</Button>
            <Button onClick={() => dialog.current?.close()}>Keep it</Button>
          </div>
        </form>
      </dialog>
    </>
  );
}
