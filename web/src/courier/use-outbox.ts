import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";

import { api, get } from "../api/client";
import type { Problem } from "../api/problem";
import { Outbox, type Said } from "./outbox";

async function send({ delivery: id, attempt, step, reason }: Said): Promise<void> {
  const params = { path: { id } };
  const why = { attempt, ...(reason && { reason }) };
  if (step === "accept") await get(api.POST("/v1/deliveries/{id}/accept", { params, body: { attempt } }));
  else if (step === "start") await get(api.POST("/v1/deliveries/{id}/start", { params, body: { attempt } }));
  else if (step === "complete") await get(api.POST("/v1/deliveries/{id}/complete", { params, body: { attempt } }));
  else if (step === "decline") await get(api.POST("/v1/deliveries/{id}/decline", { params, body: why }));
  else await get(api.POST("/v1/deliveries/{id}/abort", { params, body: why }));
}

/// The outbox of a courier, which tries again when the network is back or the phone is unlocked.
export function useOutbox(courier: string, onAnswer: (said: Said, problem?: Problem) => void) {
  const latest = useRef(onAnswer);
  useEffect(() => {
    latest.current = onAnswer;
  });
  const outbox = useMemo(
    () =>
      new Outbox(`waybill.courier.${courier}`, {
        store: localStorage,
        send,
        onAnswer: (said, problem) => latest.current(said, problem),
      }),
    [courier],
  );
  useEffect(() => {
    const again = () => {
      if (!document.hidden) outbox.sendNow();
    };
    again();
    addEventListener("online", again);
    document.addEventListener("visibilitychange", again);
    return () => {
      outbox.stop();
      removeEventListener("online", again);
      document.removeEventListener("visibilitychange", again);
    };
  }, [outbox]);
  const pending = useSyncExternalStore(outbox.watch, outbox.pending);
  const trouble = useSyncExternalStore(outbox.watch, outbox.trouble);
  return { pending, trouble, say: (said: Said) => outbox.say(said) };
}
