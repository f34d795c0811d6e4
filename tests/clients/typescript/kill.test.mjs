// A node that is killed in the middle of placing orders and of following events, and started again on the same database.
import assert from "node:assert/strict";
import { test } from "node:test";

import { all, orderOf, Shop, until } from "./support.mjs";

const atOnce = 8;
/// Orders before the kill, and after it.
const some = 40;

test("no order and no event is lost or doubled", async (t) => {
  const shop = await Shop.start();
  t.after(() => shop.remove());
  const product = await shop.product(1_000_000);
  const ada = await shop.customer();
  const placed = [];
  const told = [];
  const waits = [];
  const stop = new AbortController();
  let enough = false;

  const start = await ada.events.end();
  const following = (async () => {
    const onWait = (error) => waits.push(error);
    for await (const event of ada.events.follow({ after: start, types: ["order.placed"], onWait, signal: stop.signal })) told.push(event);
  })();
  const placing = Array.from({ length: atOnce }, async () => {
    while (!enough) placed.push((await ada.orders.place(orderOf(product))).id);
  });
  const failed = Promise.all([following, ...placing]);
  await Promise.race([failed, until("some are placed and told", () => placed.length >= some && told.length >= some)]);
  // All place, and the follower follows, until long after this.
  await shop.node.kill();
  const before = placed.length;
  await shop.node.start();
  await Promise.race([failed, until("some are placed after the kill", () => placed.length >= before + atOnce + some)]);
  enough = true;
  await Promise.all(placing);
  await until("all events come", () => told.length >= placed.length, () => `but ${told.length} of ${placed.length}`);
  stop.abort();
  await following;

  assert.ok(waits.length > 0, "the stream did not notice the kill");
  assert.equal(new Set(placed).size, placed.length, "two intents have one order");
  assert.deepEqual((await all(ada.orders.list())).map(({ id }) => id).sort(), [...placed].sort(), "an order was placed twice, or was lost");
  assert.deepEqual(told.map(({ id }) => id), (await all(ada.events.list({ after: start, types: ["order.placed"] }))).map(({ id }) => id));
  assert.deepEqual(told.map(({ stream }) => stream).sort(), [...placed].sort(), "an event was lost or doubled");
  t.diagnostic(`${before} orders before the kill, ${placed.length - before} after it, ${told.length} events`);
});
