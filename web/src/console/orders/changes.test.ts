import { expect, test } from "vitest";

import { Changes } from "./changes";

test("an order of the list that changed is read again, once", () => {
  const changes = new Changes(10);
  changes.take("a", true, false);
  changes.take("a", true, false);
  changes.take("strange", false, false);
  expect(changes.next(10)).toEqual(["a"]);
  expect(changes.next(10)).toEqual([]);
});

test("what changed while the list was read is read again when the list has it", () => {
  const changes = new Changes(10);
  changes.take("comes", false, true);
  changes.take("elsewhere", false, true);
  // Shown before; the new answer may be from before the change.
  changes.take("shown", true, true);
  expect(changes.next(10)).toEqual(["shown"]);
  changes.settle((order) => order !== "elsewhere");
  expect(changes.next(10)).toEqual(["comes", "shown"]);
  changes.settle(() => true);
  expect(changes.next(10)).toEqual([]);
});

test("more than can be kept is said", () => {
  const changes = new Changes(2);
  expect([changes.take("a", false, true), changes.take("b", false, true), changes.take("a", false, true)]).toEqual([
    true,
    true,
    true,
  ]);
  expect(changes.take("c", false, true)).toBe(false);
});

test("they are read a few at a time, the oldest first", () => {
  const changes = new Changes(10);
  for (const order of ["a", "b", "c"]) changes.take(order, true, false);
  expect(changes.next(2)).toEqual(["a", "b"]);
  expect(changes.next(2)).toEqual(["c"]);
});
