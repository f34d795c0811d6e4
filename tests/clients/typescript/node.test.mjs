// The library against a real node.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { all, orderOf, password, Problem, refusal, Shop, until, Waybill } from "./support.mjs";

let shop;
let product;
before(async () => {
  // Access tokens end while the tests run.
  shop = await Shop.start("--auth-access-lifetime=2s", "--auth-leeway=0s", "--webhook-targets=any");
  product = await shop.product();
});
after(() => shop.remove());

const settle = (client, { id }, status) => until(`${id} becomes ${status}`, async () => {
  const order = await client.orders.get(id);
  return order.status === status && order;
});

test("a session outlives its access token, and a restart of the program", async () => {
  const kept = [];
  const ada = await shop.customer({ onSession: (session) => kept.push(session) });
  const first = await ada.token();
  await until("the token is renewed", async () => (await ada.token()) !== first);
  const me = await ada.me();
  assert.equal(me.name, "Ada");
  const later = new Waybill({ url: shop.url, refreshToken: kept.at(-1).refresh_token });
  assert.equal((await later.me()).id, me.id);
});

test("who signs out is nobody", async () => {
  const ada = await shop.customer();
  await ada.signOut();
  assert.equal((await refusal(ada.me())).code, "unauthenticated");
});

test("a wrong password is a problem with all that is known", async () => {
  const told = await refusal(new Waybill({ url: shop.url }).signIn("nobody@example.com", password));
  assert.ok(told instanceof Problem);
  assert.equal(told.status, 401);
  assert.ok(told.detail && told.requestId);
  assert.match(told.traceId, /^[0-9a-f]{32}$/);
});

test("a service key asks until it is revoked", async () => {
  const { key, token } = await shop.admin.serviceKeys.create({ name: "robot", roles: ["operator"] });
  const robot = new Waybill({ url: shop.url, serviceKey: token });
  assert.deepEqual((await robot.me()).roles, ["operator"]);
  assert.ok((await all(shop.admin.serviceKeys.list())).some(({ id }) => id === key.id));
  await shop.admin.serviceKeys.revoke(key.id);
  await until("the key is refused", () => robot.me().then(() => false, ({ status }) => status === 401));
});

test("users are made and changed", async () => {
  const { id } = await shop.admin.users.create({ email: "grace@example.com", name: "Grace", password, roles: ["operator"] });
  assert.equal((await shop.admin.users.change(id, { disabled: true })).disabled, true);
  assert.deepEqual((await shop.admin.users.get(id)).roles, ["operator"]);
});

test("a product is made, found, changed and withdrawn", async () => {
  const { products } = shop.admin;
  const tea = await products.create({ sku: "earl-1", name: "Earl Grey", price: { amount: 500, currency: "EUR" }, on_hand: 10 });
  assert.deepEqual((await all(products.list("earl"))).map(({ id }) => id), [tea.id]);
  const changed = await products.change(tea.id, { name: "Lady Grey" }, { ifVersion: tea.version });
  assert.deepEqual([changed.name, changed.sku], ["Lady Grey", "earl-1"]);
  assert.equal((await refusal(products.change(tea.id, { name: "Grey" }, { ifVersion: tea.version }))).code, "version_mismatch");
  for (let turn = 0; turn < 2; ++turn)
    assert.equal((await products.adjustStock(tea.id, 5, "came in", { idempotencyKey: "k" })).on_hand, 15);
  await products.withdraw(tea.id);
  const told = await refusal((await shop.customer()).orders.place(orderOf(tea)));
  assert.equal(told.code, "validation_failed");
  assert.ok(told.errors[0].pointer);
});

test("lists are read to their end", async () => {
  const made = new Set();
  for (let number = 0; number < 55; ++number)
    made.add((await shop.admin.products.create({ sku: `page-${number}`, name: "Paged", price: { amount: 1, currency: "EUR" }, on_hand: 0 })).id);
  assert.deepEqual(new Set((await all(shop.admin.products.list("Paged"))).map(({ id }) => id)), made);
});

test("an order is placed, paid, delivered and refunded", async () => {
  const ada = await shop.customer();
  const order = await ada.orders.place(orderOf(product), { wait: 20 });
  assert.ok(["confirmed", "fulfilling", "completed"].includes(order.status), order.status);
  assert.deepEqual((await settle(ada, order, "completed")).total, { amount: 950, currency: "EUR" });
  assert.equal((await ada.orders.payment(order.id)).status, "captured");
  assert.equal((await ada.orders.delivery(order.id)).status, "completed");
  const refund = () => shop.admin.orders.refund(order.id, "a broken cup", { amount: 300, currency: "EUR" }, { idempotencyKey: "cup" });
  assert.equal((await refund()).items[0].id, (await refund()).items[0].id);
  assert.equal((await ada.orders.refunds(order.id)).items.length, 1);
  const types = (await all(ada.orders.events(order.id, ["order.*"]))).map(({ type }) => type);
  assert.equal(types[0], "order.placed");
  assert.ok(types.includes("order.completed"));
});

test("the same key is the same order", async () => {
  const ada = await shop.customer();
  const place = (token) => ada.orders.place(orderOf(product, token), { idempotencyKey: "basket" });
  const { id } = await place("tok_ok");
  assert.equal((await place("tok_ok")).id, id);
  assert.equal((await refusal(place("tok_declined"))).code, "idempotency_key_reused");
  assert.deepEqual((await all(ada.orders.list())).map((order) => order.id), [id]);
});

test("a declined card is a status and no error", async () => {
  assert.equal((await (await shop.customer()).orders.place(orderOf(product, "tok_declined"), { wait: 20 })).status, "rejected");
});

test("an order that is paid later is changed, and paid once", async () => {
  const ada = await shop.customer();
  const { id, payment_status } = await ada.orders.place(orderOf(product, null), { wait: 20 });
  assert.equal(payment_status, "awaiting");
  assert.equal((await ada.orders.change(id, { delivery: { address: "5 Fordhook" }, note: "ring" })).note, "ring");
  const pay = () => ada.orders.pay(id, "tok_ok", { wait: 20, idempotencyKey: "card-1" });
  assert.notEqual((await pay()).payment_status, "awaiting");
  assert.equal((await pay()).id, id);
  assert.equal((await refusal(ada.orders.pay(id, "tok_ok"))).code, "illegal_transition");
});

test("an order is cancelled twice without an error", async () => {
  const ada = await shop.customer();
  const order = await ada.orders.place(orderOf(product, null), { wait: 20 });
  await ada.orders.cancel(order.id, "no more tea");
  await settle(ada, order, "cancelled");
  assert.equal((await ada.orders.cancel(order.id)).status, "cancelled");
  assert.deepEqual((await all(ada.orders.list({ status: ["cancelled", "rejected"] }))).map(({ id }) => id), [order.id]);
});

test("operators hold, release and resolve", async () => {
  const ada = await shop.customer();
  const { orders } = shop.admin;
  const late = await ada.orders.place(orderOf(product, "tok_late"));
  assert.ok((await orders.hold(late.id, "is that the right address?")).hold);
  assert.equal((await orders.release(late.id, "it is now")).hold, undefined);
  const stuck = await ada.orders.place(orderOf(product, "tok_capture_fails"));
  await settle(shop.admin, stuck, "needs_attention");
  await orders.retry(stuck.id, "the bank is open again");
  await settle(shop.admin, stuck, "needs_attention");
  assert.equal((await orders.resolve(stuck.id, "completed", "paid at the door")).status, "completed");
});

test("what belongs to somebody else is not there", async () => {
  const { id } = await (await shop.customer()).orders.place(orderOf(product));
  assert.equal((await refusal((await shop.customer()).orders.get(id))).code, "not_found");
});

test("customers read what they were told", async () => {
  const ada = await shop.customer();
  await ada.orders.place(orderOf(product, "tok_declined"), { wait: 20 });
  const first = await until("something is told", async () => (await all(ada.notifications.list(true)))[0]);
  assert.match(await ada.notifications.read(first.id), /Z$/);
  await ada.notifications.readAll();
  assert.deepEqual(await all(ada.notifications.list(true)), []);
});

test("operators tell customers something, once", async () => {
  const ada = await shop.customer();
  const { customer_id } = await ada.me();
  const { id: order_id } = await ada.orders.place(orderOf(product));
  const { notifications } = shop.admin;
  const push = () => notifications.push({ customer_id, text: "The courier comes tomorrow.", order_id }, { idempotencyKey: "push-1" });
  const pushed = await push();
  assert.deepEqual(await push(), pushed);
  assert.deepEqual([pushed.kind, pushed.order_id], ["message", order_id]);
  assert.equal((await notifications.push({ customer_id, text: "We are closed on Monday." })).order_id, null);
  const theirs = (await all(notifications.list(undefined, undefined, customer_id))).filter(({ kind }) => kind === "message");
  assert.deepEqual(theirs.map(({ text }) => text).sort(), ["The courier comes tomorrow.", "We are closed on Monday."]);
  assert.equal((await refusal(ada.notifications.push({ customer_id, text: "Mine." }))).code, "forbidden");
});

test("a stream outlives the tokens, and leaves nothing out", async () => {
  const ada = await shop.customer();
  const told = [];
  const waits = [];
  const stop = new AbortController();
  const start = await ada.events.end();
  const following = (async () => {
    const onWait = (error) => waits.push(error);
    for await (const event of ada.events.follow({ after: start, types: ["order.placed"], onWait, signal: stop.signal })) told.push(event);
  })();
  const placed = [];
  await until("two streams ended with their tokens", async () => {
    placed.push((await ada.orders.place(orderOf(product))).id);
    return waits.length >= 2;
  });
  await until("all events come", () => told.length >= placed.length);
  stop.abort();
  await following;
  assert.deepEqual(told.map(({ stream }) => stream), placed);
  assert.deepEqual((await all(ada.events.list({ after: start, types: ["order.placed"] }))).map(({ id }) => id), told.map(({ id }) => id));
});

test("a stream goes on where another one ended", async () => {
  const ada = await shop.customer();
  const placed = [];
  for (let turn = 0; turn < 3; ++turn) placed.push((await ada.orders.place(orderOf(product))).id);
  const take = async (count, after) => {
    const events = [];
    for await (const event of ada.events.follow({ after, types: ["order.placed"] })) if (events.push(event) === count) break;
    return events;
  };
  const [first] = await take(1, "earliest");
  assert.deepEqual([first, ...(await take(2, first.position))].map(({ stream }) => stream), placed);
});

test("a position that the log does not have is a problem", async () => {
  const told = await refusal(all(shop.admin.events.follow({ after: `g${"f".repeat(46)}` })));
  assert.equal(told.code, "cursor_expired");
});

test("an endpoint is made, tested, disabled and deleted", async () => {
  const endpoints = shop.admin.webhookEndpoints;
  const { id, secret } = await endpoints.create({ url: "http://127.0.0.1:9/hook", types: ["webhook.nothing"] });
  assert.match(secret, /^whsec_/);
  assert.notEqual((await endpoints.rotateSecret(id)).secret, secret);
  assert.equal((await endpoints.test(id)).delivered, false);
  assert.equal((await endpoints.enable(id, false)).status, "disabled");
  assert.equal((await endpoints.get(id)).disabled_reason, "operator");
  await endpoints.delete(id);
  assert.deepEqual((await all(endpoints.list())).filter((one) => one.id === id), []);
});

test("couriers come and go", async () => {
  const { deliveries } = shop.admin;
  const { id } = await deliveries.addCourier({ name: "Ann", capacity: 2 });
  assert.equal((await deliveries.changeCourier(id, { online: true })).online, true);
  assert.ok((await all(deliveries.couriers(true))).some((one) => one.id === id));
  await deliveries.changeCourier(id, { online: false });
  assert.equal((await deliveries.courier(id)).capacity, 2);
  await deliveries.removeCourier(id);
  assert.equal((await refusal(deliveries.courier(id))).code, "not_found");
});

test("the rest of the API can be asked for", async () => {
  assert.ok((await shop.admin.request("get", "/v1/cluster", {})).nodes.length > 0);
});
