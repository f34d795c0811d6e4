import { expect, test } from "vitest";

import { Problem, toProblem } from "../api/problem";
import { fieldOf, wrongAt } from "./problems";

const refused = new Problem(422, "validation_failed", "the request holds values that are not allowed", "req_1", [
  { pointer: "/url", detail: "must be by TLS" },
  { pointer: "/types/0", detail: "a type is a word like order.placed, order.* or *" },
]);

test("what is wrong is told at the field that the pointer leads to, or into", () => {
  expect(wrongAt(refused, "url")).toBe("Must be by TLS.");
  expect(wrongAt(refused, "types")).toBe("A type is a word like order.placed, order.* or *.");
  expect(wrongAt(refused, "user")).toBeUndefined();
  expect(wrongAt(undefined, "url")).toBeUndefined();
  expect(fieldOf("/guard/on_failure")).toBe("guard");
  expect(fieldOf("")).toBe("");
});

test("a problem of a function keeps its line", () => {
  const body = { code: "function_failed", detail: "line 2: no price", request_id: "req_1", line: 2 };
  expect(toProblem(new Response(null, { status: 422 }), body).line).toBe(2);
  expect(toProblem(new Response(null, { status: 502 }), "bad gateway").line).toBeUndefined();
});
