// The library against servers that do what a node does seldom.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { BadSignature, messageOf, problem, refusal, Scripted, session, streamOf, Unreachable, verifyWebhook, Waybill } from "./support.mjs";

const order = [201, {}, { id: "ord_1", status: "placed" }];
const tea = { sku: "tea", name: "Tea", price: { amount: 1, currency: "EUR" }, on_hand: 1 };
const insideOf = (name) => import(pathToFileURL(join(process.env.WAYBILL_TEST_CLIENT, "build/lib", name)));

async function serve(t, answers, options = {}) {
  const server = await Scripted.serve(...answers);
  t.after(() => server.close());
  return { server, client: new Waybill({ url: server.url, ...options }) };
}

async function take(count, items) {
  const list = [];
  if (count === 0) return list;
  for await (const item of items) if (list.push(item) === count) break;
  return list;
}

test("an order whose answer was lost is sent again under its key", async (t) => {
  const { server, client } = await serve(t, [null, problem(503, "overloaded", { "Retry-After": "0" }), order]);
  assert.equal((await client.orders.place({})).id, "ord_1");
  const keys = server.headers("idempotency-key");
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  assert.match(keys[0], /^[0-9a-f]{32}$/);
});

test("two orders have two keys, and a given key is used", async (t) => {
  const { server, client } = await serve(t, [order, order, order]);
  await client.orders.place({});
  await client.orders.place({});
  await client.orders.place({}, { idempotencyKey: "basket-1" });
  const [first, second, third] = server.headers("idempotency-key");
  assert.notEqual(first, second);
  assert.equal(third, "basket-1");
});

test("what must not be done twice is not sent again when its answer was lost", async (t) => {
  const { server, client } = await serve(t, [null]);
  const lost = await refusal(client.products.create(tea));
  assert.ok(lost instanceof Unreachable && lost.sent);
  assert.equal(server.requests.length, 1);
});

test("a node that does not listen was not asked", async (t) => {
  const { server, client } = await serve(t, [], { patience: 0 });
  server.close();
  const lost = await refusal(client.products.create(tea));
  assert.ok(lost instanceof Unreachable && !lost.sent, String(lost));
});

test("what the node refused before it did anything is sent again", async (t) => {
  const refused = [problem(429, "rate_limited", { "Retry-After": "0" }), problem(503, "overloaded", { "Retry-After": "0" })];
  const { server, client } = await serve(t, [...refused, [201, {}, { id: "prd_1" }]]);
  await client.products.create(tea);
  assert.equal(server.requests.length, 3);
});

test("what may have been done is not sent again", async (t) => {
  const { server, client } = await serve(t, [problem(503, "unavailable", { "Retry-After": "0" })]);
  assert.equal((await refusal(client.products.create(tea))).code, "unavailable");
  assert.equal(server.requests.length, 1);
});

test("a change of a version is not sent again", async (t) => {
  const { server, client } = await serve(t, [null]);
  assert.ok(await refusal(client.products.change("prd_1", { name: "Tea" }, { ifVersion: 3 })) instanceof Unreachable);
  assert.deepEqual(server.headers("if-match"), ['"3"']);
});

test("a refusal that will not change is told at once, with all that is known", async (t) => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const { server, client } = await serve(t, [problem(409, "illegal_transition", { traceparent })]);
  const { status, code, detail, requestId, traceId } = await refusal(client.orders.cancel("ord_1"));
  assert.deepEqual({ status, code, detail, requestId, traceId }, {
    status: 409, code: "illegal_transition", detail: "the detail", requestId: "req_1", traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  });
  assert.equal(server.requests.length, 1);
});

test("patience ends", async (t) => {
  const { server, client } = await serve(t, [null, null], { patience: 0 });
  assert.ok(await refusal(client.orders.get("ord_1")) instanceof Unreachable);
  assert.equal(server.requests.length, 1);
});

test("an answer that does not come in time is lost", async (t) => {
  const { client } = await serve(t, [], { patience: 0, timeout: 1 });
  const lost = await refusal(client.orders.place({}));
  assert.ok(lost instanceof Unreachable && lost.sent, String(lost));
});

test("a request ends with its signal, and its reason", async (t) => {
  const { client } = await serve(t, []);
  const stop = new AbortController();
  const asked = refusal(client.orders.place({}, { signal: stop.signal }));
  stop.abort(new Error("enough"));
  assert.equal((await asked).message, "enough");
});

test("the pause is at least what the node asked for, and grows", async () => {
  const { Backoff } = await insideOf("retrying.js");
  const { Problem } = await insideOf("problem.js");
  assert.ok(new Backoff().pauseAfter(new Problem(503, "overloaded", "", { retryAfter: 7000 })) >= 7000);
  const growing = new Backoff(100, 400);
  for (const middle of [100, 200, 400, 400]) {
    const pause = growing.pauseAfter(new Unreachable("", true));
    assert.ok(pause >= 0.75 * middle && pause <= 1.25 * middle, `${pause} around ${middle}`);
  }
});

test("what is no problem of the node is still told", async (t) => {
  const { client } = await serve(t, [[418, {}, "<h1>I am a proxy</h1>"]]);
  const { status, code } = await refusal(client.orders.get("ord_1"));
  assert.deepEqual({ status, code }, { status: 418, code: "internal" });
});

test("ids cannot lead to another path", async (t) => {
  const { server, client } = await serve(t, [order]);
  await client.orders.get("../products?x=1");
  assert.equal(server.requests[0].path, "/v1/orders/..%2Fproducts%3Fx%3D1");
});

test("a token that is refused is renewed, once for all who ask, and the requests are sent again", async (t) => {
  const sessions = [];
  const refused = problem(401, "unauthenticated");
  const { server, client } = await serve(t, [session(1), refused, refused, session(2), order, order], { onSession: (one) => sessions.push(one) });
  await client.signIn("ada@example.com", "secret");
  await Promise.all([client.orders.get("ord_1"), client.orders.get("ord_2")]);
  const tokens = server.headers("authorization");
  assert.deepEqual(tokens, [undefined, "Bearer access1", "Bearer access1", undefined, "Bearer access2", "Bearer access2"]);
  assert.deepEqual(sessions.map((one) => one.refresh_token), ["refresh1", "refresh2"]);
});

test("a token is renewed before it ends", async (t) => {
  const { server, client } = await serve(t, [session(1, 0), session(2), order]);
  await client.signIn("ada@example.com", "secret");
  await client.orders.get("ord_1");
  assert.deepEqual(server.requests.map(({ path }) => path), ["/v1/auth/login", "/v1/auth/refresh", "/v1/orders/ord_1"]);
});

test("a session that has ended does not go on as somebody else", async (t) => {
  const sessions = [];
  const refused = problem(401, "unauthenticated");
  const { server, client } = await serve(t, [session(1), refused, refused], { onSession: (one) => sessions.push(one) });
  await client.signIn("ada@example.com", "secret");
  for (let turn = 0; turn < 2; ++turn) assert.equal((await refusal(client.orders.get("ord_1"))).code, "unauthenticated");
  assert.equal(server.requests.length, 3);
  assert.equal(sessions.at(-1), undefined);
});

test("a service key is sent, and never renewed", async (t) => {
  const { server, client } = await serve(t, [problem(401, "unauthenticated")], { serviceKey: "wbk_1" });
  assert.equal((await refusal(client.orders.get("ord_1"))).status, 401);
  assert.deepEqual(server.headers("authorization"), ["Bearer wbk_1"]);
});

test("a stream goes on behind its last event", async (t) => {
  const { server, client } = await serve(t, [streamOf(messageOf("a"), messageOf("b")), null, streamOf(messageOf("c"))]);
  const waits = [];
  const events = client.events.follow({ after: "earliest", types: ["order.*"], onWait: (error) => waits.push(error) });
  assert.deepEqual((await take(3, events)).map(({ position }) => position), ["a", "b", "c"]);
  assert.deepEqual(server.requests.map(({ path }) => path), ["earliest", "b", "b"].map((after) => `/v1/events/stream?type=order.*&after=${after}`));
  assert.equal(waits.length, 2);
});

test("a stream that is lost before its first event misses nothing", async (t) => {
  const { server, client } = await serve(t, [[200, {}, { items: [], next_cursor: "end" }], streamOf(), streamOf(messageOf("a"))]);
  assert.deepEqual((await take(1, client.events.follow())).map(({ position }) => position), ["a"]);
  assert.deepEqual(server.requests.map(({ path }) => path),
                   ["/v1/events?after=latest", "/v1/events/stream?after=end", "/v1/events/stream?after=end"]);
});

test("half an event is not told", async (t) => {
  const { server, client } = await serve(t, [streamOf(messageOf("a"), messageOf("b").slice(0, -1)), streamOf(messageOf("b"))]);
  assert.deepEqual((await take(2, client.events.follow({ after: "x" }))).map(({ position }) => position), ["a", "b"]);
  assert.equal(server.requests[1].path, "/v1/events/stream?after=a");
});

test("a log that no longer has the position is an error", async (t) => {
  const gone = problem(410, "cursor_expired");
  for (const answer of [gone, streamOf(`event: error\ndata: ${JSON.stringify(gone[2])}\n\n`)]) {
    const { client } = await serve(t, [answer]);
    assert.equal((await refusal(take(1, client.events.follow({ after: "x" })))).code, "cursor_expired");
  }
});

test("a stream ends with its signal, without an error", async (t) => {
  const { server, client } = await serve(t, []);
  const stop = new AbortController();
  const taken = take(1, client.events.follow({ after: "x", signal: stop.signal }));
  while (server.requests.length === 0) await new Promise(setImmediate);
  stop.abort();
  assert.deepEqual(await taken, []);
});

test("messages are read as the standard has them, wherever they are cut", async () => {
  const { MessageReader } = await insideOf("sse.js");
  const text = ": comment\n\nevent: x\n\ndata: lost type\n\r\ndata:one\r\ndata: two\nid: 7\nunknown\n\nevent: error\ndata: e\n\ndata: cut";
  const wanted = [{ type: "message", data: "lost type" }, { type: "message", data: "one\ntwo" }, { type: "error", data: "e" }];
  for (let cut = 0; cut <= text.length; ++cut) {
    const reader = new MessageReader();
    assert.deepEqual([...reader.take(text.slice(0, cut)), ...reader.take(text.slice(cut))], wanted);
  }
});

// Signed as tests/clients/python/test_offline.py says.
const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const body = '{"type":"a.b","timestamp":"t","data":{}}';
const signature = "v1,IPiWBZHQ4BkKioM4LRo34rXUrFlLBZYCRwL+WBOfv6M=";
const at = 1_700_000_000;
const verify = ({ using = secret, text = body, now = at, ...headers } = {}) =>
  verifyWebhook(using, { "Webhook-Id": "msg_1", "Webhook-Timestamp": String(at), "Webhook-Signature": signature, ...headers }, text, now * 1000);

test("a signed message is taken, as text or octets, with headers of any kind", async () => {
  const message = { id: "msg_1", type: "a.b", timestamp: "t", data: {} };
  assert.deepEqual(await verify(), message);
  assert.deepEqual(await verify({ text: new TextEncoder().encode(body) }), message);
  const headers = new Headers({ "webhook-id": "msg_1", "webhook-timestamp": String(at), "webhook-signature": signature });
  assert.deepEqual(await verifyWebhook(secret, headers, body, at * 1000), message);
});

test("one of several signatures is enough", async () => {
  assert.equal((await verify({ "Webhook-Signature": `v2,x v1,${"A".repeat(43)}= ${signature}` })).id, "msg_1");
});

test("what was changed, or is from another time, is refused", async () => {
  for (const change of [{ text: `${body} ` }, { using: "whsec_AAAA" }, { "Webhook-Signature": "" }, { "Webhook-Signature": signature.slice(3) },
                        { "Webhook-Signature": "v1," }, { "Webhook-Id": "msg_2" }, { "Webhook-Id": undefined }, { "Webhook-Timestamp": "1700000001" },
                        { "Webhook-Timestamp": "now" }, { now: at - 301 }, { now: at + 301 }])
    assert.ok(await refusal(verify(change)) instanceof BadSignature, JSON.stringify(change));
  await verify({ now: at + 299 });
});

test("a secret that is none is an error of the program", async () => {
  assert.ok(await refusal(verify({ using: "secret" })) instanceof TypeError);
});
