import { expect, test } from "vitest";

import {
  choiceOf,
  consequences,
  exampleInput,
  guardOf,
  lineOf,
  placeOf,
  resultText,
  runsText,
  verdictOf,
} from "./words";

test("when a function runs, and what ends with it", () => {
  expect(runsText({})).toBe("when it is called");
  expect(runsText({ triggers: [], guard: null })).toBe("when it is called");
  const both = { triggers: ["order.*", "payment.captured"], guard: { on_failure: "refuse" } as const };
  expect(runsText(both)).toBe("for order.*, payment.captured; before an order is placed, and must not fail");
  expect(consequences(both)).toHaveLength(2);
  expect(consequences({})).toEqual([]);
});

test("a guard and what a form offers are the same thing", () => {
  for (const choice of ["none", "allow", "refuse"] as const) expect(choiceOf(guardOf(choice))).toBe(choice);
  expect(choiceOf(undefined)).toBe("none");
});

test("an example has the form that the function is called with", () => {
  const input = (about: Parameters<typeof exampleInput>[0]) =>
    JSON.parse(exampleInput(about)) as Record<string, unknown>;
  expect(input({ name: "mine" })).toEqual({});
  expect(input({ name: "calculate-total" })).toEqual({ items: [{ price: 1299, quantity: 2 }] });
  expect(input({ name: "mine", triggers: ["order.*"] })).toMatchObject({ event: { type: "order.placed" } });
  expect(input({ name: "mine", guard: { on_failure: "allow" } })).toHaveProperty("order.lines");
});

test("a result is laid out, and a number that is more exact than a browser's stays as it is", () => {
  expect(resultText('{"result":490}')).toBe("490");
  expect(resultText('{"result":{"a":[1]}}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(resultText('{"result":9007199254740993}')).toBe('{"result":9007199254740993}');
});

test("what a guard's result does with an order", () => {
  expect(verdictOf("null")).toMatch(/placed\.$/);
  expect(verdictOf("true")).toMatch(/placed\.$/);
  expect(verdictOf('{"refuse":"no"}')).toMatch(/refused/);
  expect(verdictOf('{"metadata":{"a":"b"}}')).toMatch(/noted/);
  expect(verdictOf("7")).toMatch(/failure/);
});

test("a line of a source is found, also the last and one that is not there", () => {
  const source = "local a = 1\n  error('no')\nreturn a";
  expect(source.slice(...placeOf(source, 2))).toBe("  error('no')");
  expect(source.slice(...placeOf(source, 3))).toBe("return a");
  expect(placeOf(source, 9)).toEqual([source.length, source.length]);
  expect(lineOf(source, 2)).toBe("error('no')");
  expect(lineOf(source, 9)).toBe("");
});
