import { type FormEvent, useState, useSyncExternalStore } from "react";

import type { Schema } from "../../api/client";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { orderStatusText } from "../../words/operator";
import { shortId } from "../../words/orders";
import { explain } from "../../words/problems";
import { Outcome } from "../actions/ActionDialog";
import { actions, type Wish } from "../actions/actions";
import { Link } from "../go";
import { askNode, type BulkKind, countsOf, Run } from "./run";

type Order = Schema["Order"];
const orders = (count: number) => `${count} ${count === 1 ? "order" : "orders"}`;

/// What keeps orders from it, by status: "3 Completed, 1 Held".
function leftOutText(left: readonly Order[]): string {
  const counts = new Map<string, number>();
  for (const { status, hold } of left) {
    const word = hold ? "Held" : orderStatusText(status);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

/// The result of each order, those that were refused first.
function Results({ run }: { run: Run }) {
  const { results, isOver } = useSyncExternalStore(run.watch, run.current);
  const counts = countsOf(results);
  const ended = counts.done + counts.refused + counts.stopped;
  const refused = [...results].flatMap(([id, result]) =>
    result.status === "refused" ? [{ id, problem: result.problem }] : [],
  );
  return (
    <div className="stack">
      <progress max={results.size} value={ended} aria-label="Progress" />
      <p role="status">
        <strong>{counts.done} done</strong>, {counts.refused} refused
        {counts.stopped > 0 && `, ${counts.stopped} left as they were`}
        {!isOver && `, ${results.size - ended} to go`}
      </p>
      {refused.length > 0 && (
        <ul className="bulk-refused" aria-label="Refused">
          {refused.map(({ id, problem }) => {
            const { title, advice } = explain(problem);
            return (
              <li key={id}>
                <Link to="/orders/$id" params={{ id }}>
                  <code title={id}>{shortId(id)}</code>
                </Link>{" "}
                {title}. {advice}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

interface Properties {
  kind: BulkKind;
  selected: readonly Order[];
  /// `done`: something was changed.
  onClose: (done: boolean) => void;
}

/// Does one thing to many orders: says to how many and what it means, wants a reason, and shows what became of each.
export function BulkDialog({ kind, selected, onClose }: Properties) {
  const action = actions[kind];
  const [{ fit, rest }] = useState(() => ({
    fit: selected.filter(action.fits),
    rest: selected.filter((order) => !action.fits(order)),
  }));
  const [run, setRun] = useState<Run>();
  const progress = useSyncExternalStore(run?.watch ?? (() => () => undefined), run?.current ?? (() => undefined));
  const isUnderWay = run !== undefined && !progress?.isOver;

  const close = () => {
    run?.leave();
    onClose(run !== undefined);
  };

  function start(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const reason = String(form.get("reason")).trim();
    const outcome = form.get("outcome") === "completed" ? "completed" : "cancelled";
    const key = crypto.randomUUID();
    const ids = fit.map(({ id }) => id);
    const wish: Wish = { reason, key, ...(kind === "resolve" && { outcome }) };
    setRun(new Run(ids, askNode(kind, ids, wish)));
  }

  return (
    <Dialog title={`${action.verb} ${orders(fit.length)}?`} wide onClose={close}>
      {run ? (
        <>
          <Results run={run} />
          <div className="row">
            {isUnderWay && (
              <Button kind="danger" onClick={() => run.stop()}>
                Stop
              </Button>
            )}
            <Button kind={isUnderWay ? "" : "main"} onClick={close}>
              Close
            </Button>
            {isUnderWay && <span className="soft small">It goes on by itself when you close this.</span>}
          </div>
        </>
      ) : (
        <form className="stack" onSubmit={start}>
          <p className="soft">
            {fit.length > 0 ? action.consequence.replace(/^It /, "Each ") : "None of the selected orders can."}
          </p>
          {rest.length > 0 && (
            <p className="notice tone-attention">
              <span>
                {orders(rest.length)} of the {selected.length} selected cannot, and are left as they are:{" "}
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
          <div className="row">
            <Button kind={action.danger ? "danger" : "main"} type="submit" disabled={fit.length === 0}>
              {action.verb} {orders(fit.length)}
            </Button>
            <Button onClick={() => onClose(false)}>Leave them as they are</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
