import { useCallback, useEffect, useRef, useState } from "react";

import { api, get } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import type { Event } from "../../live/connection";
import { useLive } from "../../live/use-live";
import { useVisible } from "../../live/use-visible";
import { LogBuffer } from "./log-buffer";

/// New events are shown together, so often; a thousand a second cost one drawing.
const drawEveryMs = 250;
/// While paused, or between two drawings, no more are kept waiting than fit into the view.
const mostWaiting = 10_000;
const pageSize = 200;

export interface LogFilter {
  types: string[];
  stream: string;
  /// A position, or "earliest": the log is read from there. Empty: it is followed from now on.
  after: string;
}

/// The event log, explored from a position or followed live.
export function useLog(filter: LogFilter) {
  const key = JSON.stringify(filter);
  const isVisible = useVisible();
  const buffer = useRef(new LogBuffer());
  const waiting = useRef<Event[]>([]);
  const missed = useRef(0);
  const [isPaused, setPaused] = useState(false);
  const [events, setEvents] = useState<readonly Event[]>([]);
  const [waitingCount, setWaitingCount] = useState(0);
  const [reading, setReading] = useState<{ state: "idle" | "reading"; next: string | null; problem?: Problem }>({
    state: "idle",
    next: null,
  });
  const isFollowing = filter.after === "";

  useEffect(() => {
    buffer.current = new LogBuffer();
    waiting.current = [];
    missed.current = 0;
    setEvents([]);
    setWaitingCount(0);
    setPaused(false);
    setReading({ state: "idle", next: null });
  }, [key]);

  const draw = useCallback(() => {
    if (waiting.current.length === 0) return;
    buffer.current.addNewer(waiting.current);
    waiting.current = [];
    setWaitingCount(0);
    setEvents(buffer.current.list());
  }, []);

  const take = (event: Event) => {
    if (filter.stream && event.stream !== filter.stream) return;
    waiting.current.push(event);
    if (waiting.current.length > mostWaiting) {
      waiting.current.shift();
      missed.current += 1;
    }
  };
  const types = filter.types.length > 0 ? { types: filter.types } : {};
  useLive(isFollowing && isVisible ? types : undefined, take, () => undefined);

  useEffect(() => {
    if (!isFollowing || !isVisible) return;
    const timer = setInterval(() => (isPaused ? setWaitingCount(waiting.current.length) : draw()), drawEveryMs);
    return () => clearInterval(timer);
  }, [isFollowing, isVisible, isPaused, draw]);

  const read = useCallback(
    async (after: string, isCurrent: () => boolean) => {
      const { types, stream } = JSON.parse(key) as LogFilter;
      setReading({ state: "reading", next: null });
      try {
        const query = { limit: pageSize, after, ...(types.length > 0 && { type: types }), ...(stream && { stream }) };
        const page = await get(api.GET("/v1/events", { params: { query } }));
        if (!isCurrent()) return;
        buffer.current.addNewer(page.items);
        setEvents(buffer.current.list());
        setReading({ state: "idle", next: page.next_cursor });
      } catch (thrown) {
        if (isCurrent()) setReading({ state: "idle", next: after, problem: asProblem(thrown) });
      }
    },
    [key],
  );
  useEffect(() => {
    if (!filter.after) return;
    let isCurrent = true;
    void read(filter.after, () => isCurrent);
    return () => {
      isCurrent = false;
    };
  }, [filter.after, read]);

  return {
    events,
    isFollowing,
    isPaused,
    waitingCount,
    reading,
    dropped: buffer.current.dropped + missed.current,
    pause: setPaused,
    showWaiting: draw,
    readOn: () => reading.next !== null && void read(reading.next, () => true),
  };
}
