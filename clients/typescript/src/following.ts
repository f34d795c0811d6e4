import { linkTo, toUnreachable } from "./exchange.js";
import { toProblem, Unreachable } from "./problem.js";
import { Backoff, mayHelp, pause } from "./retrying.js";
import type { Event } from "./schema-types.js";
import { MessageReader } from "./sse.js";

/// Milliseconds without a word, not even a heartbeat (every 15 s), after which a connection is given up.
const quietFor = 45_000;
const firstPause = 250;
const longestPause = 15_000;

export interface Followed {
  findEnd: () => Promise<string>;
  /// Asks for the events after a position; the answer does not end.
  connect: (position: string, signal: AbortSignal) => Promise<Response>;
  after: string;
  onWait: ((error: unknown, pause: number) => void) | undefined;
  signal: AbortSignal | undefined;
}

/// The events after a position, then those that come. Connects again after a loss, and with new tokens when the old ones end, and
/// goes on behind the last event: none is left out, and none comes twice.
export async function* followEvents({ findEnd, connect, after, onWait, signal }: Followed): AsyncGenerator<Event, void, undefined> {
  const backoff = new Backoff(firstPause, longestPause);
  let position = after;
  while (!signal?.aborted) {
    try {
      // A subscription that begins with "latest" and is lost before its first event would miss what came meanwhile.
      if (position === "latest") position = await findEnd();
      for await (const event of readStream(position, connect, signal)) {
        position = event.position;
        backoff.reset();
        yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!mayHelp(error)) throw error;
      const wait = backoff.pauseAfter(error);
      onWait?.(error, wait);
      await pause(wait, signal).catch(() => undefined);
    }
  }
}

/// One connection's events. Throws when it is lost, or ends: because the token has, or the node shuts down.
async function* readStream(position: string, connect: Followed["connect"], outer: AbortSignal | undefined): AsyncGenerator<Event, void, undefined> {
  const linked = linkTo(outer);
  /// Only while it waits for the node: how long the caller works on an event is theirs.
  const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    const timer = setTimeout(() => linked.stop(new Unreachable(`the event stream was silent for ${quietFor} ms`, true)), quietFor);
    return work.catch((thrown: unknown) => {
      throw toUnreachable(thrown, "/v1/events/stream", outer);
    }).finally(() => clearTimeout(timer));
  };
  try {
    const answer = await inTime(connect(position, linked.signal));
    const pieces = answer.body?.getReader();
    const decoder = new TextDecoder();
    const messages = new MessageReader();
    for (;;) {
      const piece = pieces && (await inTime(pieces.read()));
      if (!piece || piece.done) throw new Unreachable("the node ended the event stream", true);
      for (const { type, data } of messages.take(decoder.decode(piece.value, { stream: true }))) {
        if (type === "error") throw toProblem(410, new Headers(), data);
        yield JSON.parse(data) as Event;
      }
    }
  } finally {
    linked.stop(new Unreachable("the event stream was closed", true));
    linked.free();
  }
}
