import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Event, LiveConnection, type Subscriber } from "./connection";

/// A WebSocket whose other end is the test.
class Socket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => unknown) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.readyState = 3;
    this.onclose?.({ code: 1000 });
  }
  async accept() {
    this.readyState = 1;
    await this.onopen?.();
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  breakDown(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  subscriptions() {
    return this.sent.filter(({ type }) => type === "subscribe").map(({ id, after }) => ({ id, after }));
  }
}

let sockets: Socket[];
let renewed: number;
let live: LiveConnection;
const event = (position: string) => ({ id: `evt_${position}`, position }) as Event;
const last = () => sockets[sockets.length - 1] as Socket;

function subscriber() {
  const seen: string[] = [];
  const made: Subscriber = {
    filter: {},
    onEvent: ({ position }) => seen.push(position),
    onStart: () => seen.push("start"),
  };
  return { seen, made };
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  renewed = 0;
  live = new LiveConnection({
    open: () => {
      sockets.push(new Socket());
      return last() as unknown as WebSocket;
    },
    token: () => Promise.resolve("token"),
    renew: () => Promise.resolve(`token ${++renewed}`),
  });
});
afterEach(() => vi.useRealTimers());

test("who asks is said before what is wanted", async () => {
  live.subscribe(subscriber().made);
  await last().accept();
  expect(last().sent.map(({ type }) => type)).toEqual(["auth", "subscribe"]);
});

test("after a loss it goes on behind the last event, and tells of it once", async () => {
  const { seen, made } = subscriber();
  live.subscribe(made);
  await last().accept();
  last().say({ type: "subscribed", id: "s1", position: "p1" });
  last().say({ type: "event", id: "s1", event: event("p2") });
  last().breakDown();
  expect(live.state().state).toBe("waiting");
  vi.advanceTimersByTime(1000);
  await last().accept();
  expect(sockets).toHaveLength(2);
  expect(last().subscriptions()).toEqual([{ id: "s1", after: "p2" }]);
  last().say({ type: "subscribed", id: "s1", position: "p2" });
  last().say({ type: "event", id: "s1", event: event("p3") });
  expect(seen).toEqual(["start", "p2", "p3"]);
  expect(live.state().state).toBe("live");
});

test("a node that does not come back is asked less and less often", async () => {
  live.subscribe(subscriber().made);
  for (let round = 0; round < 8; ++round) {
    last().breakDown();
    await vi.advanceTimersByTimeAsync(20_000);
  }
  last().breakDown();
  const state = live.state();
  expect(state.state === "waiting" && state.retryAt - Date.now()).toBeGreaterThan(10_000);
  live.retryNow();
  expect(live.state().state).toBe("connecting");
});

test("a place that the log no longer has leads to the present state", async () => {
  const { seen, made } = subscriber();
  live.subscribe(made);
  await last().accept();
  last().say({ type: "subscribed", id: "s1", position: "p1" });
  last().say({ type: "error", id: "s1", code: "cursor_expired", detail: "" });
  expect(last().subscriptions().at(-1)).toEqual({ id: "s1", after: "latest" });
  last().say({ type: "subscribed", id: "s1", position: "p9" });
  expect(seen).toEqual(["start", "start"]);
});

test("a token that ended is renewed, and the next one is shown while the connection is open", async () => {
  live.subscribe(subscriber().made);
  await last().accept();
  live.show("next");
  expect(last().sent.at(-1)).toEqual({ type: "auth", token: "next" });
  last().breakDown(3000);
  expect(renewed).toBe(1);
});

test("a page that nobody looks at, or that wants nothing, has no connection", async () => {
  const end = live.subscribe(subscriber().made);
  await last().accept();
  live.hide(true);
  vi.advanceTimersByTime(31_000);
  expect(live.state().state).toBe("idle");
  live.hide(false);
  expect(sockets).toHaveLength(2);
  await last().accept();
  end();
  vi.advanceTimersByTime(4_000);
  expect(last().readyState).toBe(3);
  expect(live.state().state).toBe("idle");
});

test("a network that went without a word is noticed", async () => {
  live.subscribe(subscriber().made);
  await last().accept();
  vi.advanceTimersByTime(20_000);
  expect(last().sent.at(-1)).toEqual({ type: "ping" });
  last().say({ type: "pong" });
  vi.advanceTimersByTime(20_000 + 10_000);
  expect(live.state().state).toBe("waiting");
});
