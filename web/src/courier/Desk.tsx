import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, get, type Schema } from "../api/client";
import type { Problem } from "../api/problem";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { explain } from "../words/problems";
import { DeliveryCard } from "./DeliveryCard";
import { openWord, type Said, type Step } from "./outbox";
import { useCourier, useDeliveries } from "./use-deliveries";
import { useOutbox } from "./use-outbox";

type Courier = Schema["Courier"];

const doneText: Partial<Record<Step, string>> = {
  decline: "Declined. Somebody else is asked.",
  complete: "Delivered. Thank you.",
  abort: "Given up. Somebody else brings it.",
};

/// What became of what was said.
function outcomeText({ step }: Said, problem?: Problem): string {
  if (!problem) return doneText[step] ?? "";
  if (problem.code === "conflict") return "You carry as many deliveries as you can already.";
  if (problem.code === "illegal_transition" || problem.code === "not_found")
    return step === "accept" || step === "decline"
      ? "The offer had passed already."
      : "This delivery is no longer yours.";
  const { title, advice } = explain(problem);
  return `${title}: ${advice}`;
}

function Switch({ courier }: { courier: Courier }) {
  const cache = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (online: boolean) =>
      get(api.PATCH("/v1/couriers/{id}", { params: { path: { id: courier.id } }, body: { online } })),
    onSuccess: (changed) => cache.setQueryData(["courier", courier.id], changed),
  });
  return (
    <>
      <div className="card row between">
        <div>
          <h1>{courier.name}</h1>
          <p className="soft small" id="online-text">
            {courier.online ? "Online: offers come to you" : "Offline: no offers come"}
          </p>
        </div>
        <button
          type="button"
          role="switch"
          className="switch"
          aria-checked={courier.online}
          aria-label="Online"
          aria-describedby="online-text"
          aria-busy={isPending || undefined}
          onClick={() => !isPending && mutate(!courier.online)}
        />
      </div>
      {error && <Refused problem={error} />}
      {!courier.online && courier.deliveries.length === 0 && (
        <Empty title="You are offline">
          <p>Go online when you are ready. Offers then arrive here by themselves.</p>
          <Button kind="main wide" busy={isPending} onClick={() => mutate(true)}>
            Go online
          </Button>
        </Empty>
      )}
    </>
  );
}

const Waiting = () => (
  <Empty title="Waiting for an offer">
    <span className="pulse" aria-hidden="true" />
    <p>It arrives here by itself; you need not touch the screen.</p>
  </Empty>
);

/// All that a courier needs: the switch, what is offered, what is carried.
export function Desk({ id }: { id: string }) {
  const courier = useCourier(id);
  const { data, error, refetch, readAgain } = useDeliveries(id);
  const [outcome, setOutcome] = useState<{ text: string; isBad: boolean }>();
  const { pending, trouble, say } = useOutbox(id, (said, problem) => {
    setOutcome({ text: outcomeText(said, problem), isBad: problem !== undefined });
    readAgain();
  });
  const offers = data?.items.filter(({ status }) => status === "offered").length ?? 0;
  useEffect(() => {
    document.title = `${offers > 0 ? `(${offers}) Offer · ` : ""}Courier · Waybill`;
    // What was said before is not about the next offer.
    if (offers > 0) setOutcome((old) => (old?.isBad ? old : undefined));
  }, [offers]);
  if (!courier.data && courier.error) {
    if ("status" in courier.error && courier.error.status === 404)
      return (
        <Empty isPage title="You are not a courier yet">
          An operator adds you, in the console or with the API; then your offers are here.
        </Empty>
      );
    return <Refused problem={courier.error} retry={() => void courier.refetch()} />;
  }
  if (!courier.data || (!data && !error))
    return (
      <div className="stack" aria-busy="true">
        <Skeleton height={20} />
        <Skeleton height={64} />
      </div>
    );
  const isEmpty = data?.items.length === 0;
  return (
    <div className="stack">
      <Switch courier={courier.data} />
      {outcome?.text && (
        <p className={`notice ${outcome.isBad ? "tone-attention" : "tone-done"}`} role="status">
          {outcome.text}
        </p>
      )}
      {error && !data && <Refused problem={error} retry={() => void refetch()} />}
      <div className="stack" aria-live="polite">
        {data?.items.map((delivery) => (
          <DeliveryCard
            key={delivery.id}
            delivery={delivery}
            offset={data.offset}
            trouble={trouble}
            pending={openWord(pending, delivery)}
            say={say}
          />
        ))}
      </div>
      {isEmpty && courier.data.online && <Waiting />}
    </div>
  );
}
