import { asProblem, Problem } from "../../api/problem";
import { getOffered, postOffered } from "../../api/offers";
import type { Kind, Wish } from "../actions/actions";
import type { Progress, Result, Work } from "./run";

export interface BulkAction {
  id: string;
  status: string;
  items: { order_id: string; status: string; code?: string; title?: string; detail?: string }[];
}

/// What a bulk action is asked for with; tests bring another one.
export interface Asked {
  start: () => Promise<BulkAction>;
  read: (id: string) => Promise<BulkAction>;
  stop: (id: string) => Promise<BulkAction>;
  wait: (ms: number) => Promise<void>;
}

export const bulkActions = "/v1/bulk-actions";
const everyMs = 500;
const afterFailureMs = 2000;

export const askNode = (kind: Kind, orders: readonly string[], { reason, outcome, key }: Wish): Asked => ({
  start: () => postOffered(bulkActions, {
    params: { header: { "Idempotency-Key": key } }, body: { action: kind, reason, orders, ...(kind === "resolve" && { outcome }) },
  }),
  read: (id) => getOffered(`${bulkActions}/{id}`, { params: { path: { id } } }),
  stop: (id) => postOffered(`${bulkActions}/{id}/stop`, { params: { path: { id } } }),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

function resultOf({ status, code = "", title = "", detail }: BulkAction["items"][number]): Result {
  if (status === "done") return { status };
  if (status === "skipped") return { status: "stopped" };
  return status === "refused" ? { status, problem: new Problem(409, code, detail ?? title) } : { status: "pending" };
}

/// Many orders, done by the nodes: it goes on when the page is closed, and whatever node ends.
export class NodeRun implements Work {
  readonly goesOn = true;
  readonly over: Promise<void>;
  private id = "";
  private isLeft = false;
  private progress: Progress;
  private watchers = new Set<() => void>();

  constructor(orders: readonly string[], private readonly asked: Asked) {
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
    if (this.id) void this.asked.stop(this.id).then((action) => this.take(action), () => undefined);
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
      const results = new Map([...this.progress.results.keys()].map((order): [string, Result] => [order, { status: "refused", problem }]));
      return this.become({ results, isOver: true });
    }
    while (!this.progress.isOver && !this.isLeft) {
      let pause = everyMs;
      await this.asked.read(this.id).then((action) => this.take(action), () => { pause = afterFailureMs; });
      if (!this.progress.isOver) await this.asked.wait(pause);
    }
  }
}
