import { expect, test } from "vitest";

import { targetState } from "./state";
import { writtenTypes } from "./types";

test("a target is on, switched off by somebody or by itself, or nothing gets through", () => {
  const failing_since = "2026-11-30T12:00:00Z";
  expect(targetState({ status: "enabled", failing_since: null })).toEqual({ text: "On", tone: "done" });
  expect(targetState({ status: "enabled", failing_since }).tone).toBe("attention");
  expect(targetState({ status: "disabled", failing_since })).toEqual({ text: "Switched off", tone: "waiting" });
  expect(targetState({ status: "disabled", failing_since, disabled_reason: "gone" })).toEqual({
    text: "Switched off: the receiver is gone",
    tone: "refused",
  });
});

test("types are read with commas or blanks between, and what is none is left for the node to refuse", () => {
  expect(writtenTypes(" order.*, payment.declined\nWhat? ")).toEqual(["order.*", "payment.declined", "What?"]);
  expect(writtenTypes(undefined)).toEqual([]);
});
