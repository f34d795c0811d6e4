import { expect, test } from "vitest";

import { brokerOf, brokers, countText, patchOf, waitingText } from "./words";

const sink = { url: "redis://127.0.0.1/0", destination: "events", description: "", types: ["order.*"], user: null };
const filled = { ...sink, user: "", password: "" };

test("only what was changed is sent, and the password stays unless it is said otherwise", () => {
  expect(patchOf(sink, filled, false)).toEqual({});
  expect(patchOf(sink, { ...filled, types: ["*"], user: "waybill", password: "a secret" }, false)).toEqual({
    types: ["*"],
    user: "waybill",
    password: "a secret",
  });
  expect(patchOf(sink, filled, true)).toEqual({ password: null });
  expect(patchOf({ ...sink, user: "waybill" }, filled, false)).toEqual({ user: null });
});

test("what waits is told with its age", () => {
  const now = Date.parse("2026-11-30T12:02:00Z");
  const since = "2026-11-30T12:00:00Z";
  expect(waitingText({ count: 0, isMore: false, since: undefined }, now)).toBe("nothing");
  expect(waitingText({ count: 0, isMore: true, since: undefined }, now)).toBe("not known yet");
  expect(waitingText({ count: 1, isMore: false, since }, now)).toBe("1 event, the oldest 2 min old");
  expect(waitingText({ count: 100, isMore: true, since }, now)).toBe("100+ events, the oldest 2 min old");
  expect(countText({ count: 100, isMore: true, since })).toBe("100+");
});

test("an example of an address fits its broker only", () => {
  for (const [one, { example }] of Object.entries(brokers))
    for (const [other, { pattern }] of Object.entries(brokers))
      expect(new RegExp(`^(?:${pattern})$`).test(example)).toBe(one === other);
  expect(brokerOf({ broker: "kafka" })?.name).toBe("Kafka");
  expect(brokerOf({ broker: "of a later version" })).toBeUndefined();
});
