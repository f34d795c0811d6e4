import { Problem, Unreachable } from "./problem.js";

/// Milliseconds.
const firstPause = 100;
const longestPause = 5_000;

/// Whether the request had no effect, so that sending it again is safe whatever it asks for. Of 503 that is so with the code
/// `overloaded`; with `unavailable` a part of the system may have done it and not answered in time.
const nothingWasDone = (error: unknown): boolean =>
  error instanceof Unreachable ? !error.sent
    : error instanceof Problem && (error.status === 429 || error.code === "overloaded");

/// Whether the same request may be answered otherwise a moment later.
export const mayHelp = (error: unknown): boolean =>
  error instanceof Unreachable ||
  (error instanceof Problem && ([408, 429, 502, 503, 504].includes(error.status) || error.code === "idempotency_in_progress"));

/// Growing pauses with jitter, so that not all clients of a node that restarts come back at once.
export class Backoff {
  private next: number;

  constructor(private readonly first = firstPause, private readonly longest = longestPause) {
    this.next = first;
  }

  /// Milliseconds to wait, at least as many as the node asked for.
  pauseAfter(error: unknown): number {
    const pause = this.next * (0.75 + Math.random() / 2);
    this.next = Math.min(this.next * 2, this.longest);
    return Math.max(pause, (error instanceof Problem && error.retryAfter) || 0);
  }

  reset(): void {
    this.next = this.first;
  }
}

/// Resolves after so many milliseconds; rejects with the signal's reason when that is aborted before.
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });

/// Calls `send` until it succeeds, it makes no sense to go on, or `patience` milliseconds are over; then throws the last error.
/// `mayRepeat`: whether sending the request twice does what sending it once does.
export async function repeat<Result>(send: () => Promise<Result>, mayRepeat: boolean, patience: number, signal?: AbortSignal): Promise<Result> {
  const end = Date.now() + patience;
  const backoff = new Backoff();
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (signal?.aborted || !mayHelp(error) || !(mayRepeat || nothingWasDone(error))) throw error;
      const wait = backoff.pauseAfter(error);
      if (Date.now() + wait > end) throw error;
      await pause(wait, signal);
    }
  }
}
