import type { Waybill } from "../client.js";
import { followEvents } from "../following.js";
import type { Event, PathsOf } from "../schema-types.js";

export interface EventFilter {
  /// Exact, or with a star at the end: "order.*".
  types?: string[];
  /// An order with its payment and its delivery.
  order?: string;
  customer?: string;
  /// One entity.
  stream?: string;
}

const queryOf = ({ types = [], order, customer, stream }: EventFilter) => ({ type: types, order, customer, stream });

/// The log of all that happened: for customers of their orders, for couriers of their deliveries, for operators all.
export class Events {
  constructor(private readonly client: Waybill) {}

  /// What has happened until now, oldest first. `after`: the `position` of an event.
  list({ after = "earliest", signal, ...filter }: EventFilter & { after?: string; signal?: AbortSignal } = {}): AsyncGenerator<Event, void, undefined> {
    return this.client.pages<Event>("/v1/events" satisfies PathsOf<"get">, { query: { ...queryOf(filter), after }, signal }, "after");
  }

  /// The position from which on all is new.
  async end(): Promise<string> {
    const { next_cursor } = await this.client.request("get", "/v1/events", { query: { after: "latest" } });
    return String(next_cursor);
  }

  /// The events after a position, then those that come, until the loop is left or `signal` is aborted, which ends it without an error.
  /// It connects again after a loss, and with new tokens when the old ones end, and goes on behind the last event: none is left out,
  /// and none comes twice from one loop. Store `event.position` after the work on it is done, and give it as `after` after a restart.
  ///
  /// Throws Problem when the node refuses for good; with the code `cursor_expired` events after the position are gone from the log,
  /// and only you know what that means. `onWait` hears why and for how many milliseconds it waits before it connects again.
  follow({ after = "latest", signal, onWait, ...filter }: EventFilter & {
    after?: string; signal?: AbortSignal; onWait?: (error: unknown, pause: number) => void;
  } = {}): AsyncGenerator<Event, void, undefined> {
    return followEvents({
      findEnd: () => this.end(),
      connect: (position, linked) => this.client.openStream("/v1/events/stream" satisfies PathsOf<"get">, { ...queryOf(filter), after: position }, linked),
      after, onWait, signal,
    });
  }
}
