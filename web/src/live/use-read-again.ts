import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";

import { Throttle } from "./throttle";

const everyMs = 1000;

/// Reads again what begins with `queryKey`, from now. A reading that is under way may be from before what happened, so
/// it does not count; of itself TanStack Query lets the first reading of a query stand.
export async function readAgain(cache: QueryClient, queryKey: QueryKey, exact = false): Promise<void> {
  await cache.cancelQueries({ queryKey, exact });
  await cache.invalidateQueries({ queryKey, exact });
}

/// What reads these again: `now`, after somebody did something, or `soon`, at most once in a second however much
/// happens.
export function useReadAgain(...keys: QueryKey[]): { now: () => void; soon: () => void } {
  const cache = useQueryClient();
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  const now = useCallback(() => latest.current.forEach((key) => void readAgain(cache, key)), [cache]);
  const throttle = useRef<Throttle | undefined>(undefined);
  throttle.current ??= new Throttle(now, everyMs);
  useEffect(() => () => throttle.current?.end(), []);
  return { now, soon: useCallback(() => throttle.current?.ask(), []) };
}
