import { useEffect, useState, useSyncExternalStore } from "react";

const watch = (tell: () => void) => {
  document.addEventListener("visibilitychange", tell);
  return () => document.removeEventListener("visibilitychange", tell);
};

/// Whether somebody can see the page: what is drawn or followed for nobody costs only.
export const useVisible = () => useSyncExternalStore(watch, () => !document.hidden);

/// The time, again every so many milliseconds while the page is seen.
export function useNow(everyMs: number): number {
  const isVisible = useVisible();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isVisible) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [isVisible, everyMs]);
  return now;
}
