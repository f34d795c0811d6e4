import { useEffect, useState } from "react";

import { Button } from "./Button";

/// Copies a text; says so for a moment.
export function Copy({ text, label = "Copy", name }: { text: string; label?: string; name?: string }) {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(""), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setOutcome("Copied"),
      () => setOutcome("Not allowed"),
    );
  return (
    <Button kind="tiny" aria-label={outcome ? undefined : name} onClick={() => void copy()}>
      <span role="status">{outcome || label}</span>
    </Button>
  );
}
