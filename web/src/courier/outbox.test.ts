import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Problem, unreachable } from "../api/problem";
import { openWord, Outbox, type Said } from "./outbox";

const accept: Said = { delivery: "dlv_1", attempt: 2, step: "accept" };
const complete: Said = { delivery: "dlv_1", attempt: 2, step: "complete" };
const other: Said = { delivery: "dlv_2", attempt: 1, step: "abort", reason: "a flat tyre" };

let stored: Map<string, string>;
let sent: Said[];
let answers: (Problem | undefined)[];
let told: [Said, string | undefined][];

const open = () =>
  new Outbox("key", {
    store: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
    send: async (said) => {
      sent.push(said);
      const answer = answers.shift();
      if (answer) throw answer;
    },
    onAnswer: (said, problem) => told.push([said, problem?.code]),
  });

beforeEach(() => {
  vi.useFakeTimers();
  stored = new Map();
  sent = [];
  answers = [];
  told = [];
});
afterEach(() => vi.useRealTimers());

test("what is said is sent at once, and forgotten with the answer", async () => {
  const outbox = open();
  outbox.say(accept);
  expect(outbox.pending()).toEqual([accept]);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([[accept, undefined]]);
  expect(outbox.pending()).toEqual([]);
  expect(stored.size).toBe(0);
});

test("a thumb that presses twice says it once", async () => {
  const outbox = open();
  outbox.say(accept);
  outbox.say(accept);
  outbox.say({ ...accept, step: "decline" });
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([accept]);
});

test("who goes on while an answer is lost says both, in their order", async () => {
  const outbox = open();
  answers = [unreachable()];
  outbox.say(accept);
  outbox.say({ ...accept, step: "start" });
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent.map(({ step }) => step)).toEqual(["accept", "accept", "start"]);
});

test("a word counts until the delivery shows it", () => {
  const delivery = { id: "dlv_1", attempt: 2 };
  expect(openWord([accept], { ...delivery, status: "offered" })).toEqual(accept);
  expect(openWord([accept], { ...delivery, status: "assigned" })).toBeUndefined();
  expect(openWord([accept], { ...delivery, status: "offered", attempt: 3 })).toBeUndefined();
});

test("without a network it is kept, and sent until there is an answer", async () => {
  const outbox = open();
  answers = [unreachable(), new Problem(503, "unavailable", "")];
  outbox.say(complete);
  outbox.say(other);
  await vi.advanceTimersByTimeAsync(0);
  expect(outbox.pending()).toEqual([complete, other]);
  expect(outbox.trouble()?.code).toBe("unreachable");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([complete, complete, complete, other]);
  expect(told.map(([said]) => said)).toEqual([complete, other]);
  expect(outbox.trouble()).toBeUndefined();
});

test("a page that was closed goes on with what it had not sent", async () => {
  answers = [unreachable()];
  const before = open();
  before.say(complete);
  await vi.advanceTimersByTimeAsync(0);
  before.stop();
  const after = open();
  expect(after.pending()).toEqual([complete]);
  after.sendNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([[complete, undefined]]);
});

test("what is refused for good is not said again, and the courier hears of it", async () => {
  const outbox = open();
  answers = [new Problem(409, "illegal_transition", "the offer has passed")];
  outbox.say(accept);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([accept]);
  expect(told).toEqual([[accept, "illegal_transition"]]);
});

test("what another version stored is not sent", () => {
  stored.set("key", JSON.stringify([{ delivery: 1 }, { ...accept, step: "fly" }, accept]));
  expect(open().pending()).toEqual([accept]);
  stored.set("key", "{");
  expect(open().pending()).toEqual([]);
});
