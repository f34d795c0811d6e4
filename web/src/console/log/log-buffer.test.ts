import { beforeEach, expect, test } from "vitest";

import type { Event } from "../../live/connection";
import { curlOf, LogBuffer, mostKept, typesOf } from "./log-buffer";

let buffer: LogBuffer;
const event = (number: number) => ({ id: `evt_${number}`, position: String(number) }) as Event;
const ids = () => buffer.list().map(({ position }) => Number(position));

beforeEach(() => {
  buffer = new LogBuffer();
});

test("the newest event stands first, and one that is told twice stands once", () => {
  buffer.addNewer([event(1), event(2)]);
  buffer.addNewer([event(2), event(3)]);
  expect(ids()).toEqual([3, 2, 1]);
});

test("the view lets the oldest go, and says how many", () => {
  buffer.addNewer(Array.from({ length: mostKept + 5 }, (_, number) => event(number)));
  expect(buffer.list().length).toBe(mostKept);
  expect(ids()[0]).toBe(mostKept + 4);
  expect(buffer.dropped).toBe(5);
});

test("types are read as people write them, and what is no type is left out", () => {
  expect(typesOf("order.*, payment.declined  order.*")).toEqual(["order.*", "payment.declined"]);
  expect(typesOf("What?; drop")).toEqual(["drop"]);
  expect(typesOf(undefined)).toEqual([]);
});

test("a view can be repeated by hand, and nothing in it ends the quotes", () => {
  expect(curlOf("http://n", { types: ["order.*"], stream: "ord_'1", after: "g1" })).toBe(
    "curl -s 'http://n/v1/events?limit=200&after=g1&type=order.*&stream=ord_%271' " +
      '-H "Authorization: Bearer $WAYBILL_TOKEN"',
  );
});
