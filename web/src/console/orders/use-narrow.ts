import { useSyncExternalStore } from "react";

const narrow = typeof matchMedia === "function" ? matchMedia("(max-width: 60rem)") : undefined;

function watch(tell: () => void) {
  narrow?.addEventListener("change", tell);
  return () => narrow?.removeEventListener("change", tell);
}

/// Whether the page is as narrow as a phone or a half window, where a row of the list takes two lines.
export const useNarrow = () => useSyncExternalStore(watch, () => narrow?.matches ?? false);
