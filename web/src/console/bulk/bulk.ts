import { api, get, type Schema } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Kind, Wish } from "../actions/actions";

export type BulkAction = Schema["BulkAction"];
export type BulkKind = Exclude<Kind, "refund">;

/// More in one go are refused by the API.
export const mostOrders = 1000;
const everyMs = 500;
const afterFailureMs = 2000;

/// Begins it: the nodes carry it out, whether somebody looks or not. The same key again gives the same bulk action.
export const begin = (action: BulkKind, orders: string[], { reason, outcome, key }: Wish): Promise<BulkAction> =>
  get(
    api.POST("/v1/bulk-actions", {
      params: { header: { "Idempotency-Key": key } },
      body: { action, reason, orders, dry_run: false, ...(outcome && { outcome }) },
    }),
  );

export const isOver = ({ status }: Pick<BulkAction, "status">) => status === "finished" || status === "stopped";

/// After which time it is looked at again; false: its results do not change any more.
export function nextLook(action: Pick<BulkAction, "status"> | undefined, hasFailed: boolean): number | false {
  if (action && isOver(action)) return false;
  return hasFailed ? afterFailureMs : everyMs;
}

export interface Refusal {
  order: string;
  problem: Problem;
}

/// The orders to which it was not done, and why.
export const refusalsOf = (items: BulkAction["items"]): Refusal[] =>
  items.flatMap(({ order_id, status, code = "", title = "", detail }) =>
    status === "refused" ? [{ order: order_id, problem: new Problem(409, code, detail ?? title) }] : [],
  );

const words: Record<string, string> = {
  done: "done",
  refused: "refused",
  skipped: "left as it was",
  pending: "to be done",
};

export const itemText = (status: string) => words[status] ?? status;
