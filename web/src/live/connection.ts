import type { components } from "../api/schema";

export type Event = components["schemas"]["Event"];

export interface Filter {
  types?: string[];
  order?: string;
}

export interface Subscriber {
  filter: Filter;
  onEvent: (event: Event) => void;
  /// What came before is not told of, at the beginning or because the log no longer has it: time to read the present
  /// state.
  onStart: () => void;
}

export type LiveState =
  | { state: "idle" | "connecting" | "live" }
  /// Lost; tried again at `retryAt` (as Date.now()).
  | { state: "waiting"; retryAt: number };

/// What the connection needs of its surroundings; tests bring others.
export interface Surroundings {
  open: () => WebSocket;
  token: () => Promise<string>;
  renew: () => Promise<string>;
}

type ServerFrame =
  | { type: "subscribed"; id: string; position: string }
  | { type: "event"; id: string; event: Event }
  | { type: "error"; id?: string; code: string; detail: string }
  | { type: "pong" };

const firstWait = 500;
const longestWait = 15_000;
/// "Unauthorized" in IANA's registry of WebSocket close codes.
const unauthorized = 3000;
/// A hidden page keeps its connection for so long: who comes right back misses nothing and waits for nothing.
const hiddenPatience = 30_000;
/// A quiet connection is asked whether it lives; one that does not answer is given up. The network may be gone without
/// a word.
const quietFor = 20_000;
const answerWithin = 10_000;
/// Without subscribers it is closed.
const unusedFor = 3_000;
const isConnecting = 0;
const isOpen = 1;

/// One WebSocket for all subscribers of a page. It is open while there are some and somebody looks at the page, comes
/// back after a loss, and goes on for each subscriber behind the last event that it was told of.
export class LiveConnection {
  private subscribers = new Map<string, Subscriber & { position: string }>();
  private watchers = new Set<() => void>();
  private socket: WebSocket | undefined;
  private current: LiveState = { state: "idle" };
  private wait = firstWait;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  private quietTimer: ReturnType<typeof setTimeout> | undefined;
  private unusedTimer: ReturnType<typeof setTimeout> | undefined;
  private isHidden = false;
  private count = 0;

  constructor(private readonly surroundings: Surroundings) {}

  readonly state = (): LiveState => this.current;

  readonly watch = (tell: () => void): (() => void) => {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  };

  /// Returns what ends it.
  subscribe(subscriber: Subscriber): () => void {
    const id = `s${++this.count}`;
    this.subscribers.set(id, { ...subscriber, position: "latest" });
    if (this.socket?.readyState === isOpen && this.current.state === "live") this.sayTo(this.socket, id);
    else this.open();
    return () => {
      this.subscribers.delete(id);
      if (this.current.state === "live") this.send({ type: "unsubscribe", id });
      if (this.subscribers.size > 0) return;
      // The next page may want it at once.
      clearTimeout(this.unusedTimer);
      this.unusedTimer = setTimeout(() => this.subscribers.size === 0 && this.close(), unusedFor);
    };
  }

  /// The token that keeps the connection open when the one before ends.
  show(token: string) {
    if (this.socket?.readyState === isOpen) this.send({ type: "auth", token });
  }

  /// Somebody else uses the page from here on: with another token, and other rights.
  restart() {
    if (this.current.state === "idle") return;
    this.close();
    for (const subscriber of this.subscribers.values()) subscriber.position = "latest";
    this.open();
  }

  /// The page is hidden or shown again.
  hide(hidden: boolean) {
    this.isHidden = hidden;
    clearTimeout(this.hiddenTimer);
    if (hidden) this.hiddenTimer = setTimeout(() => this.close(), hiddenPatience);
    else this.open();
  }

  /// Somebody does not want to wait for the next try, or the network is back.
  retryNow() {
    if (this.current.state !== "waiting") return;
    clearTimeout(this.timer);
    this.become({ state: "idle" });
    this.open();
  }

  private become(next: LiveState) {
    this.current = next;
    for (const tell of this.watchers) tell();
  }

  private open() {
    if (this.current.state !== "idle" || this.subscribers.size === 0 || this.isHidden) return;
    this.become({ state: "connecting" });
    const socket = this.surroundings.open();
    this.socket = socket;
    socket.onopen = async () => {
      const token = await this.surroundings.token();
      if (socket.readyState !== isOpen) return;
      if (token) this.send({ type: "auth", token });
      this.become({ state: "live" });
      this.heard(socket);
      for (const id of this.subscribers.keys()) this.sayTo(socket, id);
    };
    socket.onmessage = (message) => {
      this.heard(socket);
      this.take(JSON.parse(String(message.data)) as ServerFrame);
    };
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.lost(code);
    };
  }

  /// Something came from the node.
  private heard(socket: WebSocket) {
    clearTimeout(this.quietTimer);
    if (this.socket !== socket) return;
    this.quietTimer = setTimeout(() => {
      this.send({ type: "ping" });
      this.quietTimer = setTimeout(() => {
        if (this.socket !== socket) return;
        socket.close();
        this.lost(0);
      }, answerWithin);
    }, quietFor);
  }

  private close() {
    clearTimeout(this.timer);
    clearTimeout(this.quietTimer);
    const socket = this.socket;
    this.socket = undefined;
    if (socket?.readyState === isConnecting) socket.onopen = () => socket.close(1000);
    else socket?.close(1000);
    this.become({ state: "idle" });
  }

  private lost(code: number) {
    this.socket = undefined;
    clearTimeout(this.quietTimer);
    // With jitter: when a gateway restarts, not all of its pages come back at once.
    const wait = this.wait * (0.75 + Math.random() / 2);
    this.wait = Math.min(this.wait * 2, longestWait);
    this.become({ state: "waiting", retryAt: Date.now() + wait });
    if (code === unauthorized) void this.surroundings.renew().catch(() => undefined);
    this.timer = setTimeout(() => this.retryNow(), wait);
  }

  private take(frame: ServerFrame) {
    if (frame.type === "pong" || frame.id === undefined) return;
    const subscriber = this.subscribers.get(frame.id);
    if (!subscriber) return;
    if (frame.type === "subscribed") {
      this.wait = firstWait;
      const begins = subscriber.position === "latest";
      subscriber.position = frame.position;
      if (begins) subscriber.onStart();
    } else if (frame.type === "event") {
      subscriber.position = frame.event.position;
      subscriber.onEvent(frame.event);
    } else if (frame.code === "cursor_expired" && this.socket) {
      subscriber.position = "latest";
      this.sayTo(this.socket, frame.id);
    }
  }

  private sayTo(socket: WebSocket, id: string) {
    const subscriber = this.subscribers.get(id);
    if (subscriber)
      socket.send(JSON.stringify({ type: "subscribe", id, filter: subscriber.filter, after: subscriber.position }));
  }

  private send(frame: object) {
    this.socket?.send(JSON.stringify(frame));
  }
}
