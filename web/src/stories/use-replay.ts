import { useEffect, useState } from "react";

import { type Message, seenAt } from "./story";

interface Place {
  /// How many messages are seen; undefined: all that there are, also those that are still to come.
  at: number | undefined;
  speed: number;
  isPlaying: boolean;
}

const atEnd: Place = { at: undefined, speed: 1, isPlaying: false };

/// A replay of messages: at the speed that they had, slower, or step by step. Without one, what happens is seen as it
/// happens. `run`: another one is seen from its end again.
export function useReplay(messages: readonly Message[], run: string) {
  const [place, setPlace] = useState(atEnd);
  useEffect(() => setPlace(atEnd), [run]);
  useEffect(() => {
    if (!place.isPlaying || messages.length === 0) return;
    const from = messages[(place.at ?? 0) - 1]?.atMs ?? 0;
    const begun = performance.now();
    let frame = requestAnimationFrame(function draw() {
      const seen = seenAt(messages, from + (performance.now() - begun) * place.speed);
      if (seen >= messages.length) setPlace(atEnd);
      else {
        setPlace((before) => (seen <= (before.at ?? 0) ? before : { ...before, at: seen }));
        frame = requestAnimationFrame(draw);
      }
    });
    return () => cancelAnimationFrame(frame);
    // `at` grows by this; where it began is what counts.
  }, [place.isPlaying, place.speed, messages]);
  const seen = Math.min(place.at ?? messages.length, messages.length);
  return {
    seen,
    isPlaying: place.isPlaying,
    play: (speed: number) => setPlace({ at: seen >= messages.length ? 0 : seen, speed, isPlaying: true }),
    pause: () => setPlace((before) => ({ ...before, isPlaying: false })),
    step: (by: number) =>
      setPlace({ at: Math.min(Math.max(seen + by, 0), messages.length), speed: place.speed, isPlaying: false }),
  };
}
