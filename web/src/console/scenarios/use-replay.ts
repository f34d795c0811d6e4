import { useEffect, useState } from "react";

import { type Message, seenAt } from "./story";

/// A replay of messages: at the speed that they had, slower, or step by step.
export function useReplay(messages: readonly Message[]) {
  const [at, setAt] = useState({ seen: 0, speed: 1, isPlaying: true });
  useEffect(() => setAt((before) => ({ ...before, seen: 0, isPlaying: true })), [messages]);
  useEffect(() => {
    if (!at.isPlaying || messages.length === 0) return;
    const from = messages[at.seen - 1]?.atMs ?? 0;
    const begun = performance.now();
    let frame = requestAnimationFrame(function draw() {
      const seen = seenAt(messages, from + (performance.now() - begun) * at.speed);
      if (seen >= messages.length) setAt((before) => ({ ...before, seen: messages.length, isPlaying: false }));
      else {
        setAt((before) => (before.seen === seen || seen < before.seen ? before : { ...before, seen }));
        frame = requestAnimationFrame(draw);
      }
    });
    return () => cancelAnimationFrame(frame);
    // `seen` grows by this; where it began is what counts.
  }, [at.isPlaying, at.speed, messages]);
  return {
    ...at,
    play: (speed: number) => setAt(({ seen }) => ({ seen: seen >= messages.length ? 0 : seen, speed, isPlaying: true })),
    pause: () => setAt((before) => ({ ...before, isPlaying: false })),
    step: (by: number) => setAt(({ seen, speed }) => ({ seen: Math.min(Math.max(seen + by, 0), messages.length), speed, isPlaying: false })),
  };
}
