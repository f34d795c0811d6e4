import { asProblem, type Problem } from "../../api/problem";

export type Result = { status: "pending" | "running" | "done" | "stopped" } | { status: "refused"; problem: Problem };

export interface Progress {
  results: ReadonlyMap<string, Result>;
  isOver: boolean;
}

/// Something that is done to many orders.
export interface Work {
  current: () => Progress;
  watch: (tell: () => void) => () => void;
  stop: () => void;
  leave: () => void;
  /// It needs no page that is open.
  goesOn: boolean;
}

/// More in one go are refused by the page, as by the API.
export const mostOrders = 1000;
const atOnce = 4;
/// How often an order is tried again when the node was too busy to do anything.
const tries = 5;
const longestWait = 10_000;

const wasNotDone = ({ status }: Problem) => status === 429 || status === 503;

/// Does something to each order, a few at a time, and keeps what became of each. It lives as long as the page.
export class Run implements Work {
  readonly goesOn = false;
  private results: Map<string, Result>;
  private isStopped = false;
  private progress: Progress;
  private watchers = new Set<() => void>();
  readonly over: Promise<void>;

  /// `act` throws a Problem when it is refused; `wait` takes milliseconds.
  constructor(ids: readonly string[], private readonly act: (id: string) => Promise<void>,
              private readonly wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))) {
    if (ids.length > mostOrders) throw new Error(`at most ${mostOrders} orders in one go`);
    this.results = new Map(ids.map((id) => [id, { status: "pending" }]));
    this.progress = { results: this.results, isOver: false };
    const queue = [...ids];
    this.over = Promise.all(Array.from({ length: atOnce }, () => this.work(queue))).then(() => this.tell(true));
  }

  readonly current = (): Progress => this.progress;

  readonly watch = (tell: () => void): (() => void) => {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  };

  /// Those that were begun end; the others are left as they are.
  stop() {
    this.isStopped = true;
    for (const [id, { status }] of this.results) if (status === "pending") this.results.set(id, { status: "stopped" });
    this.tell(false);
  }

  leave() {
    this.stop();
  }

  private tell(isOver: boolean) {
    this.progress = { results: new Map(this.results), isOver };
    for (const tell of this.watchers) tell();
  }

  private async work(queue: string[]) {
    for (let id = queue.shift(); id !== undefined && !this.isStopped; id = queue.shift()) {
      this.results.set(id, { status: "running" });
      this.results.set(id, await this.perform(id));
      this.tell(false);
    }
  }

  private async perform(id: string): Promise<Result> {
    for (let attempt = 1; ; ++attempt) {
      try {
        await this.act(id);
        return { status: "done" };
      } catch (thrown) {
        const problem = asProblem(thrown);
        if (!wasNotDone(problem) || attempt === tries || this.isStopped) return { status: "refused", problem };
        await this.wait(Math.min(problem.retryAfter * 1000 || 250 * 2 ** attempt, longestWait));
      }
    }
  }
}

export function countsOf(results: ReadonlyMap<string, Result>): Record<Result["status"], number> {
  const counts = { pending: 0, running: 0, done: 0, refused: 0, stopped: 0 };
  for (const { status } of results.values()) ++counts[status];
  return counts;
}
