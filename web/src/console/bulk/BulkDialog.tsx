import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Schema } from "../../api/client";
import { newKey } from "../../api/new-key";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { orderStatusText } from "../../words/operator";
import { Outcome } from "../actions/ActionDialog";
import { actions, type Wish } from "../actions/actions";
import { useNavigate } from "../go";
import { begin, type BulkKind } from "./bulk";

type Order = Schema["Order"];
export const ordersText = (count: number) => `${count} ${count === 1 ? "order" : "orders"}`;

/// What keeps orders from it, by status: "3 Completed, 1 Held".
function leftOutText(left: readonly Order[]): string {
  const counts = new Map<string, number>();
  for (const { status, hold } of left) {
    const word = hold ? "Held" : orderStatusText(status);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

interface Properties {
  kind: BulkKind;
  selected: readonly Order[];
  onClose: () => void;
}

/// Asks before one thing is done to many orders: says to how many and what it means, and wants a reason. What becomes
/// of each is a page of its own.
export function BulkDialog({ kind, selected, onClose }: Properties) {
  const action = actions[kind];
  const navigate = useNavigate();
  const [{ fit, rest }] = useState(() => ({
    fit: selected.filter(action.fits),
    rest: selected.filter((order) => !action.fits(order)),
  }));
  // The same for each try: an answer that was lost begins nothing twice.
  const [key, setKey] = useState(newKey);
  const { mutate, isPending, error } = useMutation({
    mutationFn: (wish: Wish) =>
      begin(
        kind,
        fit.map(({ id }) => id),
        wish,
      ),
    onSuccess: ({ id }) => void navigate({ to: "/bulk/$id", params: { id } }),
  });

  function start(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const reason = String(form.get("reason")).trim();
    const outcome = form.get("outcome") === "completed" ? "completed" : "cancelled";
    if (!isPending) mutate({ reason, key, ...(kind === "resolve" && { outcome }) });
  }

  return (
    <Dialog title={`${action.verb} ${ordersText(fit.length)}?`} wide held={isPending} onClose={onClose}>
      <form className="stack" onSubmit={start} onChange={() => setKey(newKey())}>
        <p className="soft">
          {fit.length > 0 ? action.consequence.replace(/^It /, "Each ") : "None of the selected orders can."}
        </p>
        {rest.length > 0 && (
          <p className="notice tone-attention">
            <span>
              {ordersText(rest.length)} of the {selected.length} selected cannot, and are left as they are:{" "}
              {leftOutText(rest)}.
            </span>
          </p>
        )}
        {kind === "resolve" && <Outcome />}
        <Field
          label="Why"
          name="reason"
          required
          maxLength={500}
          defaultValue={action.reason}
          hint="It is kept with your name in each order's events."
        />
        {error && <Refused problem={error} />}
        <div className="row">
          <Button kind={action.danger ? "danger" : "main"} type="submit" busy={isPending} disabled={fit.length === 0}>
            {action.verb} {ordersText(fit.length)}
          </Button>
          <Button onClick={onClose} disabled={isPending}>
            Leave them as they are
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
