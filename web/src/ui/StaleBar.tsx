import { useEffect, useState } from "react";

import { live } from "../live/live";
import { useLiveState } from "../live/use-live";
import { Button } from "./Button";

/// A loss that is over at once is not worth a word.
const graceMs = 1000;

/// A thin bar while the live connection is lost. What is on the page stays.
export function StaleBar() {
  const state = useLiveState();
  const isLost = state.state === "waiting";
  const [lostAt, setLostAt] = useState<number>();
  const [now, setNow] = useState(Date.now());
  const isBack = state.state === "live" || state.state === "idle";
  useEffect(() => {
    if (isLost) setLostAt((at) => at ?? Date.now());
    else if (isBack) setLostAt(undefined);
  }, [isLost, isBack]);
  useEffect(() => {
    if (lostAt === undefined) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [lostAt]);
  if (lostAt === undefined || now - lostAt < graceMs) return null;
  const seconds = isLost ? Math.max(Math.ceil((state.retryAt - now) / 1000), 0) : 0;
  return (
    <div className="stale" role="status">
      <span>
        Connection lost. What you see may be old.{" "}
        {seconds > 0 ? (
          <>
            Next try in <span className="number">{seconds}</span> s.
          </>
        ) : (
          "Trying …"
        )}
      </span>
      <Button kind="tiny" onClick={() => live.retryNow()}>
        Try now
      </Button>
    </div>
  );
}
