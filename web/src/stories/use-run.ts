import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { api, get, type Schema } from "../api/client";
import { useLive } from "../live/use-live";
import { mostOrders, RunEvents } from "./run-events";

type Event = Schema["Event"];

const askEveryMs = 500;
/// How often what came is drawn.
const drawEveryMs = 100;
/// A story waits so long for the live connection; without it, it is played all the same, and shown when it is over.
const patienceMs = 3000;

const followed = { types: ["order.*", "payment.*", "delivery.*", "stock.*", "notification.*"] };

/// What has come of a run so far.
interface Seen {
  events: readonly Event[];
  counts: ReadonlyMap<string, number>;
  /// All of them; `drawn` are those whose events are there.
  orders: number;
  drawn: readonly string[];
}

const nothing: Seen = { events: [], counts: new Map(), orders: 0, drawn: [] };

/// The events as they come; drawn a few times a second, however many there are.
function useLiveEvents(isFollowed: boolean, onFollowed: () => void) {
  const [seen, setSeen] = useState(nothing);
  const collected = useRef(new RunEvents<Event>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const draw = () => {
    timer.current = undefined;
    const { events, counts, orders } = collected.current;
    setSeen({
      events: [...events],
      counts: new Map(counts),
      orders: orders.size,
      drawn: collected.current.drawnOrders(),
    });
  };
  const drawSoon = () => {
    timer.current ??= setTimeout(draw, drawEveryMs);
  };
  useLive(
    isFollowed ? followed : undefined,
    (event) => {
      collected.current.take(event);
      drawSoon();
    },
    onFollowed,
  );
  return {
    seen,
    clear: () => {
      collected.current = new RunEvents<Event>();
      setSeen(nothing);
    },
    nameRun: (run: string) => {
      collected.current.nameRun(run);
      drawSoon();
    },
  };
}

async function readEvents(orders: readonly string[]): Promise<Event[]> {
  const pages = await Promise.all(
    orders.map((order) =>
      get(api.GET("/v1/orders/{id}/events", { params: { path: { id: order }, query: { limit: 200 } } })),
    ),
  );
  return pages.flatMap(({ items }) => items);
}

/// One run of a scenario: begun, seen while it happens, and its report. `id`: the run that stands in the address, if
/// there is one; `onBegun` is told of a new one.
export function useRun(scenario: string, id: string, onBegun: (id: string) => void) {
  const queries = useQueryClient();
  const [isFollowed, setFollowed] = useState(false);
  const isWanted = useRef(false);
  const start = useMutation({
    mutationFn: () => get(api.POST("/v1/scenarios/{id}/runs", { params: { path: { id: Number(scenario) } } })),
    onSuccess: (begun) => {
      queries.setQueryData(["run", begun.id], { ...begun, report: null });
      live.nameRun(begun.id);
      onBegun(begun.id);
    },
    onError: () => setFollowed(false),
  });
  const begin = () => {
    if (!isWanted.current) return;
    isWanted.current = false;
    start.mutate();
  };
  const live = useLiveEvents(isFollowed, begin);
  const run = useQuery({
    queryKey: ["run", id],
    enabled: id !== "",
    queryFn: () => get(api.GET("/v1/scenario-runs/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.status === "running" ? askEveryMs : false),
  });
  const status = run.data?.status;
  useEffect(() => {
    if (status === undefined || isWanted.current) return;
    // Somebody opened the address of a run that is under way.
    if (status === "running" && !isFollowed) {
      live.clear();
      live.nameRun(id);
    }
    setFollowed(status === "running");
    // When the status changes, and not when it is begun anew.
  }, [status, id]);
  // What was missed: all of it, when nobody looked on.
  const orders =
    live.seen.drawn.length > 0 ? live.seen.drawn : (run.data?.report?.order_ids.slice(0, mostOrders) ?? []);
  const read = useQuery({
    queryKey: ["run", id, "events"],
    enabled: status === "completed",
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => readEvents(orders),
  });
  return {
    start,
    run,
    read,
    isPreparing: isFollowed && !start.isPending && status !== "running",
    seen: live.seen,
    /// Begins as soon as what happens is followed, so that nothing is missed. Returns what takes it back until then.
    play: () => {
      isWanted.current = true;
      live.clear();
      setFollowed(true);
      const timer = setTimeout(begin, patienceMs);
      return () => {
        isWanted.current = false;
        clearTimeout(timer);
      };
    },
  };
}
