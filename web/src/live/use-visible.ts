import { useEffect, useState, useSyncExternalStore } from "react";

const watch = (tell: () => void) => {
  document.addEventListener("visibilitychange", tell);
  return () => document.removeEventListener("visibilitychange", tell);
};

/// Whether somebody can see the page: what is drawn or followed for nobody costs only.
export const useVisible = () => useSyncExternalStore(watch, () => !document.hidden);

/// The time as Date.now() has it, anew each `interval` milliseconds while `isRunning` and the page is seen.
export function useNow(interval: number, isRunning = true): number {
  const isMoving = useVisible() && isRunning;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isMoving) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval, isMoving]);
  return now;
}
