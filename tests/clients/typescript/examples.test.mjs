// The examples of clients/typescript, each against a real node and through a kill.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { all, orderOf, password, Program, Shop, until } from "./support.mjs";

async function open(t, ...options) {
  const shop = await Shop.start(...options);
  const programs = [];
  t.after(async () => {
    for (const program of programs) if (program.process.exitCode === null) await program.end("SIGKILL");
    await shop.remove();
  });
  const run = (file, variables) => {
    const program = new Program(file, variables);
    programs.push(program);
    return program;
  };
  return { shop, run, product: await shop.product(), ada: await shop.customer() };
}

async function placeSome(ada, product, count) {
  const orders = [];
  for (let turn = 0; turn < count; ++turn) orders.push((await ada.orders.place(orderOf(product))).id);
  return orders;
}

const allCompleted = (ada, orders) => until("all orders are completed", async () => {
  const now = await Promise.all(orders.map((id) => ada.orders.get(id)));
  return now.every(({ status }) => status === "completed");
});

test("couriers bring each order once, although one is killed", async (t) => {
  const { shop, run, product, ada } = await open(t, "--courier-pool=real", "--delivery-answer-within=2s", "--delivery-start-within=2s",
                                              "--delivery-finish-within=2s");
  const start = async (name) => {
    const email = `${name}@example.com`;
    const { id } = await shop.admin.users.create({ email, name, password, roles: ["courier"] });
    await shop.admin.deliveries.addCourier({ name, capacity: 3, user_id: id });
    const program = run("courier-worker.js", { WAYBILL_URL: shop.url, COURIER_EMAIL: email, COURIER_PASSWORD: password });
    return { courier: id.replace("usr_", "cur_"), program };
  };
  const ann = await start("ann");
  const bob = await start("bob");
  const orders = await placeSome(ada, product, 5);
  await until("something is delivered", () => ann.program.lines.length + bob.program.lines.length > 0);
  await ann.program.end("SIGKILL");
  orders.push(...(await placeSome(ada, product, 5)));
  await allCompleted(ada, orders);
  assert.equal(await bob.program.end(), 0);
  const lines = [...ann.program.lines, ...bob.program.lines];
  assert.equal(lines.length, new Set(lines).size, "an order was delivered twice");
  for (const id of orders) {
    const events = await all(ada.orders.events(id));
    assert.equal(events.filter(({ type }) => type === "delivery.completed").length, 1);
  }
  assert.equal((await shop.admin.deliveries.courier(bob.courier)).online, false);
});

test("a receiver takes each message once, although it is killed, and none that is not the node's", async (t) => {
  const { shop, run, product, ada } = await open(t, "--webhook-targets=any", `--webhook-retry-schedule=${Array(10).fill("50ms").join()}`);
  const folder = mkdtempSync(join(tmpdir(), "waybill-receiver-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const endpoints = shop.admin.webhookEndpoints;
  const { id, secret } = await endpoints.create({ url: "http://127.0.0.1:9/", types: ["order.*"] });
  const receive = async (using) => {
    const receiver = run("webhook-receiver.js", { WEBHOOK_SECRET: using, JOURNAL: join(folder, "journal"), PORT: "0" });
    const url = (await receiver.waitFor("receives on ")).replace("receives on ", "");
    await shop.admin.request("patch", "/v1/webhook-endpoints/{id}", { path: { id }, body: { url, status: "enabled" } });
    return receiver;
  };

  const stranger = await receive("whsec_AAAA");
  assert.deepEqual(await endpoints.test(id).then(({ delivered, status }) => [delivered, status]), [false, 400]);
  await stranger.waitFor("refused: no signature fits");
  assert.equal(await stranger.end(), 0);

  const first = await receive(secret);
  assert.ok((await endpoints.test(id)).delivered);
  const orders = await placeSome(ada, product, 10);
  await first.waitFor("order.");
  await first.end("SIGKILL");
  await receive(secret);
  await allCompleted(ada, orders);
  const path = { id };
  await until("no message is left", async () => {
    const list = (status) => all(shop.admin.pages("/v1/webhook-endpoints/{id}/deliveries", { path, query: { status } }));
    const failed = await list("failed");
    // One that failed for good is sent again by hand (docs/webhooks.md).
    for (const { message_id: message } of failed)
      await shop.admin.request("post", "/v1/webhook-endpoints/{id}/deliveries/{message}/retry", { path: { id, message } });
    return failed.length + (await list("pending")).length + (await endpoints.get(id)).backlog === 0;
  });

  const messages = readFileSync(join(folder, "journal"), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  assert.equal(new Set(messages.map((message) => message.id)).size, messages.length, "a message was taken twice");
  const completed = messages.filter(({ type }) => type === "order.completed").map(({ data }) => data.stream);
  assert.deepEqual(completed.sort(), [...orders].sort());
});
