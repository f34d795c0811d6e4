import { api, get, type Schema } from "../../api/client";
import { asProblem, Problem } from "../../api/problem";
import type { Kind, Wish } from "../actions/actions";

export type BulkAction = Schema["BulkAction"];
export type BulkKind = Exclude<Kind, "refund">;
export type Result = { status: "pending" | "done" | "stopped" } | { status: "refused"; problem: Problem };

export interface Progress {
  results: ReadonlyMap<string, Result>;
  isOver: boolean;
}

/// What the nodes are asked; tests bring another one.
export interface Asked {
  start: () => Promise<BulkAction>;
  read: (id: string) => Promise<BulkAction>;
  stop: (id: string) => Promise<BulkAction>;
  wait: (ms: number) => Promise<void>;
}

/// More in one go are refused by the API.
export const mostOrders = 1000;
const everyMs = 500;
const afterFailureMs = 2000;

export const askNode = (action: BulkKind, orders: string[], { reason, outcome, key }: Wish): Asked => ({
  start: () =>
    get(
      api.POST("/v1/bulk-actions", {
        params: { header: { "Idempotency-Key": key } },
        body: { action, reason, orders, dry_run: false, ...(outcome && { outcome }) },
      }),
    ),
  read: (id) => get(api.GET("/v1/bulk-actions/{id}", { params: { path: { id } } })),
  stop: (id) => get(api.POST("/v1/bulk-actions/{id}/stop", { params: { path: { id } } })),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

function resultOf({ status, code = "", title = "", detail }: BulkAction["items"][number]): Result {
  if (status === "done") return { status };
  if (status === "skipped") return { status: "stopped" };
  return status === "refused" ? { status, problem: new Problem(409, code, detail ?? title) } : { status: "pending" };
}

/// What the nodes do to many orders, looked at: it goes on when the page is closed, and whatever node ends.
export class Run {
  readonly over: Promise<void>;
  private id = "";
  private isLeft = false;
  private progress: Progress;
  private watchers = new Set<() => void>();

  constructor(
    orders: readonly string[],
    private readonly asked: Asked,
  ) {
    this.progress = { results: new Map(orders.map((order) => [order, { status: "pending" }])), isOver: false };
    this.over = this.follow();
  }

  readonly current = (): Progress => this.progress;

  readonly watch = (tell: () => void): (() => void) => {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  };

  /// A stop that does not get through is seen: it goes on.
  stop() {
    if (this.id)
      void this.asked.stop(this.id).then(
        (action) => this.take(action),
        () => undefined,
      );
  }

  /// Nobody looks on any more.
  leave() {
    this.isLeft = true;
  }

  private become(progress: Progress) {
    this.progress = progress;
    for (const tell of this.watchers) tell();
  }

  private take({ status, items }: BulkAction) {
    // An answer that was asked for before the end may come after it.
    if (this.progress.isOver) return;
    const isOver = status === "finished" || status === "stopped";
    this.become({ results: new Map(items.map((item) => [item.order_id, resultOf(item)])), isOver });
  }

  private async follow() {
    try {
      const action = await this.asked.start();
      this.id = action.id;
      this.take(action);
    } catch (thrown) {
      const problem = asProblem(thrown);
      const results = new Map(
        [...this.progress.results.keys()].map((order): [string, Result] => [order, { status: "refused", problem }]),
      );
      return this.become({ results, isOver: true });
    }
    while (!this.progress.isOver && !this.isLeft) {
      let pause = everyMs;
      await this.asked.read(this.id).then(
        (action) => this.take(action),
        () => {
          pause = afterFailureMs;
        },
      );
      if (!this.progress.isOver) await this.asked.wait(pause);
    }
  }
}

export function countsOf(results: ReadonlyMap<string, Result>): Record<Result["status"], number> {
  const counts = { pending: 0, done: 0, refused: 0, stopped: 0 };
  for (const { status } of results.values()) ++counts[status];
  return counts;
}
