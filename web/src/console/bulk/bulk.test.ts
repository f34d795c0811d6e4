import { expect, test } from "vitest";

import { type BulkAction, isOver, itemText, nextLook, refusalsOf } from "./bulk";

const item = (order: string, status: string, more: object = {}): BulkAction["items"][number] => ({
  order_id: order,
  status,
  ...more,
});

test("it is looked at until it is over, and less often while no node answers", () => {
  expect(nextLook(undefined, false)).toBe(500);
  expect(nextLook({ status: "running" }, false)).toBe(500);
  expect(nextLook({ status: "stopping" }, true)).toBe(2000);
  expect(nextLook({ status: "finished" }, true)).toBe(false);
  expect(isOver({ status: "stopped" })).toBe(true);
  // The API may have more words: one that is not known is no end.
  expect(isOver({ status: "paused" })).toBe(false);
});

test("what was refused says why, and nothing else is a refusal", () => {
  const refusals = refusalsOf([
    item("ord_1", "done"),
    item("ord_2", "refused", { code: "illegal_transition", detail: "it is delivered" }),
    item("ord_3", "skipped"),
    item("ord_4", "refused", { code: "not_found", title: "Not Found" }),
  ]);
  expect(refusals.map(({ order, problem }) => [order, problem.code, problem.message])).toEqual([
    ["ord_2", "illegal_transition", "it is delivered"],
    ["ord_4", "not_found", "Not Found"],
  ]);
});

test("a word that is not known is shown as it is", () => {
  expect([itemText("skipped"), itemText("asleep")]).toEqual(["left as it was", "asleep"]);
});
