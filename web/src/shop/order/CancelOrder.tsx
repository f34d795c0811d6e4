import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, get } from "../../api/client";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";

/// Cancels an order, after saying what that means.
export function CancelOrder({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  const cache = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (reason: string) =>
      get(api.POST("/v1/orders/{id}/cancel", { params: { path: { id } }, body: { reason } })),
    onSuccess: (order) => {
      cache.setQueryData(["order", id], order);
      setOpen(false);
    },
    // Too late: what is shown is old.
    onError: () => void cache.invalidateQueries({ queryKey: ["order", id] }),
  });

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!isPending) mutate(String(new FormData(event.currentTarget).get("reason")));
  }

  return (
    <>
      <Button
        kind="danger"
        onClick={() => {
          reset();
          setOpen(true);
        }}>
        Cancel this order
      </Button>
      {isOpen && (
        <Dialog title="Cancel this order?" held={isPending} onClose={() => setOpen(false)}>
          <form className="stack" onSubmit={send}>
            <p className="soft">
              What you paid goes back to your card. When a courier is already under way, it can no longer be cancelled.
            </p>
            <Field label="Why" name="reason" required maxLength={500} defaultValue="changed my mind" />
            {error && <Refused problem={error} />}
            <div className="row">
              <Button kind="danger" type="submit" busy={isPending}>
                Cancel the order
              </Button>
              <Button onClick={() => setOpen(false)}>Keep it</Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
