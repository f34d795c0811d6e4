import { useEffect, useState } from "react";

import type { Problem } from "../api/problem";
import { Button } from "../ui/Button";
import { useNow } from "../live/use-visible";
import { shortId } from "../words/orders";
import { clockTime } from "../words/times";
import { GiveUp } from "./GiveUp";
import type { Said, Step } from "./outbox";
import { Ring } from "./Ring";
import { durationText, timeLeft } from "./time-left";
import type { Delivery } from "./use-deliveries";

/// A second tap of the same thumb is not meant for the button that has come under it.
const settleMs = 600;

/// Whether a card has shown its present buttons long enough.
function useSettled(shown: string): boolean {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(shown), settleMs);
    return () => clearTimeout(timer);
  }, [shown]);
  return settled === shown;
}

const pendingText: Record<Step, string> = {
  accept: "Accepting …",
  decline: "Declining …",
  start: "Telling that you have it …",
  complete: "Telling that it is delivered …",
  abort: "Giving it up …",
};
const waitText = ({ status }: Problem) =>
  status === 0
    ? "There is no connection: it is sent as soon as there is one."
    : "The answer takes longer than it should: it is tried again.";
const titles: Record<string, string> = { offered: "An offer", assigned: "Fetch it", started: "Bring it" };

interface Properties {
  delivery: Delivery;
  /// What was said of it, and is not answered yet.
  pending: Said | undefined;
  /// Why it is not answered yet.
  trouble: Problem | undefined;
  offset: number;
  say: (said: Said) => void;
}

/// A delivery, with what can be done now as big buttons.
export function DeliveryCard({
  delivery: { id, order_id, status, attempt, recipient, due_at, updated_at },
  pending,
  trouble,
  offset,
  say,
}: Properties) {
  const [isGivingUp, setGivingUp] = useState(false);
  const isOffer = status === "offered";
  const now = useNow(isOffer ? 250 : 5000) + offset;
  const left = due_at ? timeLeft(updated_at, due_at, now) : undefined;
  const isOver = isOffer && left?.seconds === 0;
  const isInert = !useSettled(`${status} ${attempt}`) || isOver;
  const tell = (step: Step, reason?: string) => say({ delivery: id, attempt, step, ...(reason && { reason }) });
  const big = (text: string, step: Step, kind: "main" | "plain") => (
    <Button kind={kind} disabled={isInert} busy={pending !== undefined} onClick={() => tell(step)}>
      {text}
    </Button>
  );
  return (
    <section className={`card delivery ${status}`} aria-label={`${titles[status] ?? status}: ${recipient?.name ?? ""}`}>
      <header>
        <div>
          <p className="kind">{titles[status] ?? status}</p>
          <h2>{recipient?.address}</h2>
          <p>{recipient?.name}</p>
        </div>
        {isOffer && left && <Ring left={left} />}
      </header>
      <p className="soft small">
        Order <code title={order_id}>{shortId(order_id)}</code>
        {!isOffer &&
          due_at &&
          left &&
          (left.seconds > 0 ? (
            <>
              {" "}
              · {status === "assigned" ? "be on the way" : "be there"} by {clockTime(due_at)}, in{" "}
              {durationText(left.seconds)}
            </>
          ) : (
            <> · it is overdue</>
          ))}
      </p>
      <div role="status">
        {pending ? (
          <p className="notice tone-moving">
            {pendingText[pending.step]} {trouble && waitText(trouble)}
          </p>
        ) : (
          isOver && <p className="notice tone-attention">The time to answer is over. It goes to somebody else.</p>
        )}
      </div>
      {isOffer && (
        <div className="pair">
          {big("Decline", "decline", "plain")}
          {big("Accept", "accept", "main")}
        </div>
      )}
      {status === "assigned" && big("I have it, start", "start", "main")}
      {status === "started" && big("Delivered", "complete", "main")}
      {!isOffer && (
        <Button kind="plain" disabled={pending !== undefined} onClick={() => setGivingUp(true)}>
          I cannot bring it
        </Button>
      )}
      {isGivingUp && (
        <GiveUp
          recipient={recipient?.name ?? "the customer"}
          onClose={() => setGivingUp(false)}
          onReason={(reason) => {
            setGivingUp(false);
            tell("abort", reason);
          }}
        />
      )}
    </section>
  );
}
