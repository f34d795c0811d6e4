// The same files in a browser, from a page of another origin than the node's.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";

import { findBrowser, openBrowser } from "../../web/support/browser.mjs";
import { password, Shop } from "./support.mjs";

const reason = findBrowser().missing;

test("a page signs in, orders, and follows the order until it is completed, through a restart of the node", { skip: reason }, async (t) => {
  const pages = createServer(async ({ url }, response) => {
    if (url === "/") return response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>Page</title>");
    const file = await readFile(join(process.env.WAYBILL_TEST_CLIENT, url)).catch(() => undefined);
    return response.writeHead(file ? 200 : 404, { "Content-Type": "text/javascript" }).end(file);
  });
  await new Promise((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${pages.address().port}`;
  const shop = await Shop.start(`--http-allowed-origins=${origin}`, "--courier-shortest-delay=1s", "--courier-longest-delay=2s",
                                "--delivery-answer-within=20s");
  const browser = await openBrowser();
  t.after(async () => {
    await browser.close();
    await shop.remove();
    pages.close();
  });
  const { id } = await shop.product();
  const page = await browser.newPage();
  await page.goto(origin);
  await page.evaluate(async ({ url, password, id }) => {
    const { Problem, Waybill } = await import("/build/lib/index.js");
    const waybill = new Waybill({ url });
    await waybill.register("ada@example.com", password, "Ada");
    const refused = await waybill.orders.get("ord_00000000000000000000").catch((error) => error);
    if (!(refused instanceof Problem) || refused.code !== "not_found" || !refused.requestId) throw refused;
    const order = await waybill.orders.place({
      lines: [{ product_id: id, quantity: 1 }], payment: { method: "card", token: "tok_ok" }, delivery: { name: "Ada", address: "Main Street 1" },
    });
    globalThis.types = [];
    globalThis.completed = (async () => {
      for await (const { type } of waybill.events.follow({ after: "earliest", types: ["order.*"], order: order.id })) {
        globalThis.types.push(type);
        if (type === "order.completed") return globalThis.types;
      }
    })();
  }, { url: shop.url, password, id });
  await page.waitForFunction(() => globalThis.types.length > 0);
  await shop.node.kill();
  await shop.node.start();
  const types = await page.evaluate(() => globalThis.completed);
  assert.equal(types[0], "order.placed");
  assert.equal(types.length, new Set(types).size, `an event came twice: ${types}`);
});
