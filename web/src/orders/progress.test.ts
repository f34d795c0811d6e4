import { expect, test } from "vitest";

import { nextText, progress } from "./progress";

const order = (status: string) => ({ status, created_at: "2026-11-29T20:00:00.000Z" });
const event = (type: string, second: number) => ({ type, version: 1, occurred_at: `2026-11-29T20:00:0${second}.000Z` });
const states = (status: string, ...types: string[]) =>
  progress(
    order(status),
    types.map((type, index) => event(type, index)),
  )
    .map(({ state }) => state)
    .join(" ");

test("a new order is placed and being paid", () => {
  expect(states("placed", "order.placed")).toBe("done now next next next");
});

test("the events of the delivery lead on to the end", () => {
  const way = ["order.placed", "order.payment_authorized", "order.confirmed", "delivery.offered", "delivery.assigned"];
  expect(states("fulfilling", ...way)).toBe("done done done now next");
  expect(states("fulfilling", ...way, "delivery.started")).toBe("done done done done now");
  expect(states("completed", ...way, "delivery.started", "delivery.completed")).toBe("done done done done done");
});

test("a courier who gives up leads back to the search, with the time of the next one", () => {
  const way = [
    event("order.confirmed", 1),
    event("delivery.assigned", 2),
    event("delivery.started", 3),
    event("delivery.aborted", 4),
  ];
  expect(progress(order("fulfilling"), way).map(({ state }) => state)).toEqual(["done", "done", "now", "next", "next"]);
  const again = progress(order("fulfilling"), [...way, event("delivery.assigned", 6)]);
  expect(again[2]).toEqual({ name: "Courier found", state: "done", at: "2026-11-29T20:00:06.000Z" });
});

test("what will never come is not promised", () => {
  expect(states("rejected", "order.placed", "order.payment_declined")).toBe("done never never never never");
  expect(nextText(order("rejected"), [])).toBe("");
});

test("without events the status says as much as it can", () => {
  expect(states("fulfilling")).toBe("done done now next next");
  expect(states("completed")).toBe("done done done done done");
});
