import { useEffect } from "react";

import { useLive } from "../../live/use-live";
import { useNow, useVisible } from "../../live/use-visible";
import { followed, type Series, Throughput } from "./throughput";

/// Outlives the page's parts: who goes to an order and comes back finds the line that was there.
const throughput = new Throughput();
const drawnEveryMs = 1000;

/// The last fifteen minutes as this page has seen them. Drawn once a second, whatever comes; a hidden page follows
/// nothing.
export function useThroughput(): Series {
  const isVisible = useVisible();
  useLive(
    isVisible ? { types: followed } : undefined,
    (event) => throughput.take(event),
    () => throughput.begin(),
  );
  useEffect(() => {
    if (isVisible) return () => throughput.end();
    return undefined;
  }, [isVisible]);
  useNow(drawnEveryMs);
  return throughput.series();
}
