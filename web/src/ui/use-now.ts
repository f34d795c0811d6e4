import { useEffect, useState } from "react";

/// The time as Date.now() has it, anew each `interval` milliseconds while `isRunning`.
export function useNow(interval: number, isRunning = true): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval, isRunning]);
  return now;
}
