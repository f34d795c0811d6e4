import { useCallback, useEffect, useRef } from "react";

const soonMs = 1000;

/// Reads again a moment after something has happened: a thousand events in a second are one reading.
export function useReadSoon(read: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, soonMs);
  }, []);
}
