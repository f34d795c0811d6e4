import type { Event } from "../../live/connection";

/// What the overview follows; one subscription takes at most 16 types.
export const followed = [
  "order.placed",
  "order.delivered",
  "order.completed",
  "order.rejected",
  "order.cancelled",
  "order.needs_attention",
];

export const bucketMs = 5_000;
const buckets = 180; // 15 minutes
/// Orders under way whose placing was seen. Beyond it the oldest are forgotten: their delivery counts, its duration
/// does not.
const mostUnderWay = 20_000;
/// Durations kept of each bucket, chosen evenly of all (Vitter's algorithm R): thousands a second cost as much as a
/// hundred.
const mostSamples = 100;
const smoothing = 12; // buckets: a minute

type Outcome = "placed" | "completed" | "refused" | "attention";
const outcomes: Record<string, Outcome> = {
  "order.placed": "placed",
  "order.completed": "completed",
  "order.rejected": "refused",
  "order.cancelled": "refused",
  "order.needs_attention": "attention",
};

interface Bucket {
  start: number;
  counts: Record<Outcome, number>;
  delivered: number;
  durations: number[];
}

export interface Series {
  placed: (number | null)[];
  completed: (number | null)[];
  refused: (number | null)[];
  p50: (number | null)[];
  p99: (number | null)[];
  /// Deliveries in the last minute whose whole way was seen.
  measured: number;
}

export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(Math.ceil(share * sorted.length), sorted.length) - 1] ?? null;
}

/// What the live stream says of the last fifteen minutes. Its memory is bounded, whatever comes.
export class Throughput {
  private kept: Bucket[] = [];
  private underWay = new Map<string, number>();
  /// Times at which following began and ended: between them a second without an event is a zero, elsewhere nothing is
  /// known.
  private spans: { from: number; to: number | undefined }[] = [];
  /// How much this machine's clock is ahead of the nodes', with the fastest way seen.
  private skew = Number.POSITIVE_INFINITY;

  constructor(
    private readonly now: () => number = Date.now,
    private readonly random: () => number = Math.random,
  ) {}

  begin() {
    this.end();
    this.spans.push({ from: this.nodeNow(), to: undefined });
    if (this.spans.length > 50) this.spans.shift();
  }

  end() {
    const span = this.spans.at(-1);
    if (span && span.to === undefined) span.to = this.nodeNow();
    // What was placed before a gap may have been delivered in it.
    this.underWay.clear();
  }

  take({ type, stream, occurred_at }: Pick<Event, "type" | "stream" | "occurred_at">) {
    const at = Date.parse(occurred_at);
    this.skew = Math.min(this.skew, this.now() - at);
    const bucket = this.bucketOf(at);
    if (!bucket) return;
    const outcome = outcomes[type];
    if (outcome) bucket.counts[outcome] += 1;
    if (type === "order.placed") {
      this.underWay.set(stream, at);
      if (this.underWay.size > mostUnderWay) this.underWay.delete(this.underWay.keys().next().value as string);
    } else {
      const placedAt = this.underWay.get(stream);
      this.underWay.delete(stream);
      if (type === "order.delivered" && placedAt !== undefined) this.sample(bucket, at - placedAt);
    }
  }

  /// Per second, from fifteen minutes ago until now.
  series(): Series {
    const end = Math.floor(this.nodeNow() / bucketMs) * bucketMs;
    const byStart = new Map(this.kept.map((bucket) => [bucket.start, bucket]));
    const starts = Array.from({ length: buckets }, (_, index) => end - (buckets - index) * bucketMs);
    const rate = (outcome: Outcome) =>
      starts.map((start) => {
        const bucket = byStart.get(start);
        if (bucket) return bucket.counts[outcome] / (bucketMs / 1000);
        return this.isKnown(start) ? 0 : null;
      });
    const windows = starts.map((start) => {
      const all = [];
      for (let back = 0; back < smoothing; back += 1)
        all.push(...(byStart.get(start - back * bucketMs)?.durations ?? []));
      return all.sort((one, other) => one - other);
    });
    let measured = 0;
    for (const start of starts.slice(-smoothing)) measured += byStart.get(start)?.delivered ?? 0;
    return {
      placed: rate("placed"),
      completed: rate("completed"),
      refused: rate("refused"),
      p50: windows.map((window) => percentile(window, 0.5)),
      p99: windows.map((window) => percentile(window, 0.99)),
      measured,
    };
  }

  private nodeNow = () => this.now() - (Number.isFinite(this.skew) ? this.skew : 0);

  private isKnown = (start: number) =>
    this.spans.some(({ from, to }) => start + bucketMs > from && (to === undefined || start < to));

  private bucketOf(at: number): Bucket | undefined {
    const start = Math.floor(at / bucketMs) * bucketMs;
    const found = this.kept.findLast((bucket) => bucket.start === start);
    if (found) return found;
    const newest = this.kept.at(-1)?.start ?? start;
    if (start < newest - buckets * bucketMs) return undefined;
    const made: Bucket = {
      start,
      counts: { placed: 0, completed: 0, refused: 0, attention: 0 },
      delivered: 0,
      durations: [],
    };
    this.kept.push(made);
    this.kept.sort((one, other) => one.start - other.start);
    while (this.kept.length > buckets + smoothing) this.kept.shift();
    return made;
  }

  private sample(bucket: Bucket, duration: number) {
    bucket.delivered += 1;
    if (bucket.durations.length < mostSamples) bucket.durations.push(duration);
    else {
      const place = Math.floor(this.random() * bucket.delivered);
      if (place < mostSamples) bucket.durations[place] = duration;
    }
  }
}
