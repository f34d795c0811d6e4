import type { Event } from "../../live/connection";
import { writtenTypes } from "../kit/targets/types";

/// How many events the log view keeps; older ones can be read again from the log by their position.
export const mostKept = 10_000;

/// The events that are shown, the newest first, in the log's order, each once. Bounded.
export class LogBuffer {
  private events: Event[] = [];
  private ids = new Set<string>();
  /// Events that were let go at the old end.
  dropped = 0;

  /// The newest first.
  list = (): readonly Event[] => this.events;

  /// Adds what is newer than all that is there, given the oldest first.
  addNewer(events: readonly Event[]) {
    const fresh = events.filter(({ id }) => !this.ids.has(id));
    for (const { id } of fresh) this.ids.add(id);
    this.events = [...fresh.reverse(), ...this.events];
    for (const { id } of this.events.splice(mostKept)) {
      this.ids.delete(id);
      this.dropped += 1;
    }
  }
}

/// The types of events that a filter can have; what is none is left out.
export const typesOf = (text: string | undefined): string[] =>
  [...new Set(writtenTypes(text).filter((type) => /^[a-z0-9._]+\*?$/.test(type)))].slice(0, 16);

const safe = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

/// The same read by hand.
export function curlOf(
  origin: string,
  { types, stream, after }: { types: string[]; stream?: string | undefined; after?: string | undefined },
): string {
  const query = new URLSearchParams({ limit: "200", after: after || "earliest" });
  for (const type of types) query.append("type", type);
  if (stream) query.set("stream", stream);
  return `curl -s ${safe(`${origin}/v1/events?${query.toString()}`)} -H "Authorization: Bearer $WAYBILL_TOKEN"`;
}
