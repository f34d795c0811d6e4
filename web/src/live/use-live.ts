import { useEffect, useRef, useSyncExternalStore } from "react";

import type { Event, Filter, LiveState } from "./connection";
import { live } from "./live";

export const useLiveState = (): LiveState => useSyncExternalStore(live.watch, live.state);

/// Calls `onEvent` with each event that fits, and `onStart` when the present state must be read. Without a filter it
/// does nothing.
export function useLive(filter: Filter | undefined, onEvent: (event: Event) => void, onStart: () => void) {
  const calls = useRef({ onEvent, onStart });
  useEffect(() => {
    calls.current = { onEvent, onStart };
  });
  const key = filter && JSON.stringify(filter);
  useEffect(() => {
    if (!key) return;
    return live.subscribe({
      filter: JSON.parse(key) as Filter,
      onEvent: (event) => calls.current.onEvent(event),
      onStart: () => calls.current.onStart(),
    });
  }, [key]);
}
