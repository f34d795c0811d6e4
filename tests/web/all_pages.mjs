// Every page of docs/pages.md, light and dark, wide and on a phone, by keyboard, without motion: all_pages.mjs <waybill binary>
// <whether web/ is in it> <docs/pages.md>. Skipped (77) where web/ was not built, or there is no browser. WAYBILL_TEST_PAGES=<url>
// takes the pages from there, say `vite dev` before WAYBILL_TEST_NODE=<url>, where the test starts its node.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { allFindings, keyboardFindings } from "./support/access.mjs";
import { check, openBrowser, openContext, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";

const [, , binary, hasWeb, list] = process.argv;
const pages = process.env.WAYBILL_TEST_PAGES;
if (hasWeb === "OFF" && !pages) skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary, ["--courier-pool=real", "--delivery-answer-within=10m", "--webhook-targets=any",
                               "--sink-targets=any"]);
const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const kim = { name: "Kim Li", email: "kim@example.com", password: "correct horse battery", roles: ["courier"] };
const folder = process.env.WAYBILL_TEST_SCREENSHOT;
const wide = { width: 1280, height: 800 };
const phone = { width: 360, height: 780 };
const ids = {};

const login = async ({ email, password }) => node.post("/v1/auth/login", { email, password });

async function orderOf(customer, token, status) {
  const { items: [{ id: product_id }] } = await node.get("/v1/products");
  const { id } = await node.post("/v1/orders", {
    lines: [{ product_id, quantity: 1 }], payment: { method: "card", token }, delivery: { name: "Ada", address: "Main Street 1" },
  }, customer);
  await until(`the order is ${status}`, async () => (await node.get(`/v1/orders/${id}`, customer)).status === status);
  return id;
}

/// Something of everything, so that no page is empty.
async function fill() {
  await node.stock([{ name: "Earl Grey tea", amount: 650 }, { name: "Ground coffee, 250 g", amount: 799, onHand: 0 }]);
  const { access_token: root } = await login(admin);
  const { access_token: customer } = await node.post("/v1/auth/register", ada);
  const { id: user } = await node.post("/v1/users", kim, root);
  const { id: courier } = await node.post("/v1/couriers", { name: kim.name, user_id: user }, root);
  await node.patch(`/v1/couriers/${courier}`, { online: true }, root);
  ids.refused = await orderOf(customer, "tok_declined", "rejected");
  ids.delivered = await orderOf(customer, "tok_ok", "fulfilling");
  const { items: [{ id: delivery }] } = await until("it is offered", async () => {
    const offered = await node.get("/v1/deliveries?status=offered", root);
    return offered.items.length > 0 && offered;
  });
  for (const act of ["accept", "start", "complete"]) await node.post(`/v1/deliveries/${delivery}/${act}`, undefined, root);
  await until("it is delivered", async () => (await node.get(`/v1/orders/${ids.delivered}`, customer)).status === "completed");
  ids.underWay = await orderOf(customer, "tok_ok", "fulfilling");
  const endpoint = await node.post("/v1/webhook-endpoints", { url: "https://127.0.0.1:9/hooks", types: ["order.*"] }, root);
  ids.endpoint = endpoint.id;
  ids.sink = (await node.post("/v1/sinks", { url: "kafkas://127.0.0.1:9", types: ["order.*"] }, root)).id;
  await node.put("/v1/functions/thank-you", { source: "return nil", triggers: ["order.delivered"], guard: { on_failure: "allow" } }, root);
  await node.post("/v1/service-keys", { name: "warehouse", roles: ["operator"] }, root);
  ids.run = (await node.post("/v1/scenarios/3/runs", undefined, root)).id;
  await until("the story is over", async () => (await node.get(`/v1/scenario-runs/${ids.run}`, root)).status === "completed");
  const orders = [ids.refused, ids.underWay];
  ids.bulk = (await node.post("/v1/bulk-actions", { action: "hold", reason: "to be looked at", orders }, root)).id;
  await until("the bulk action is over", async () => (await node.get(`/v1/bulk-actions/${ids.bulk}`, root)).status === "finished");
  const actors = await node.get("/v1/actors?type=order", root);
  ids.actor = actors.items[0].id;
}

/// The pages: their names in docs/pages.md, their addresses, and a text that they show when they are ready.
const everyPage = () => [
  { user: undefined, places: [
    ["/", "/", "Waybill"], ["/shop", "/shop", "Earl Grey tea"], ["/shop/sign-in", "/shop/sign-in", "New here?"], ["/scenarios", "/scenarios", "New here?"],
    ["/courier", "/courier", "New here?"], ["/console", "/console/overview", "New here?"],
  ] },
  { user: ada, places: [
    ["/shop/cart", "/shop/cart", "Your cart is empty"], ["/shop/orders", "/shop/orders", "Earl Grey tea"],
    ["/shop/orders/{id}", `/shop/orders/${ids.delivered}`, "Delivered"], ["/shop/orders/{id}", `/shop/orders/${ids.refused}`, "Try another card"],
    ["/shop/orders/{id}", `/shop/orders/${ids.underWay}`, "Cancel this order"], ["/shop/notifications", "/shop/notifications", "delivered"],
    ["/shop/account", "/shop/account", "Your account"],
  ] },
  { user: kim, places: [["/courier", "/courier", "Accept"]] },
  { user: admin, places: [
    ["/console/overview", "/console/overview", "1 node up"], ["/console/orders", "/console/orders", "that is all"],
    ["/console/orders/{id}", `/console/orders/${ids.delivered}`, "As curl"],
    ...["payment", "delivery", "events", "who", "webhooks", "json", "curl"].map((tab) => ["/console/orders/{id}", `/console/orders/${ids.delivered}?tab=${tab}`, "As curl"]),
    ["/console/orders/{id}", `/console/orders/${ids.underWay}`, "As curl"],
    ["/console/bulk/{id}", `/console/bulk/${ids.bulk}`, "Hold 2 orders"], ["/console/payments", "/console/payments", "Our books"],
    ["/console/audit", "/console/audit", "Contradictions"],
    ["/console/log", "/console/log?after=earliest", "Product added"], ["/console/cluster", "/console/cluster", "This page talks to it"],
    ["/console/actors", "/console/actors", "in memory"], ["/console/actors/{type}/{id}", `/console/actors/order/${ids.actor}`, "order"],
    ["/console/products", "/console/products", "Earl Grey tea"], ["/console/couriers", "/console/couriers", "Kim Li"],
    ["/console/webhooks", "/console/webhooks", "127.0.0.1:9"], ["/console/webhooks/{id}", `/console/webhooks/${ids.endpoint}`, "127.0.0.1:9"],
    ["/console/sinks", "/console/sinks", "127.0.0.1:9"], ["/console/sinks/{id}", `/console/sinks/${ids.sink}`, "127.0.0.1:9"],
    ["/console/functions", "/console/functions", "calculate-total"], ["/console/functions", "/console/functions?add=yes", "A new function"],
    ...["", "?edit=yes"].map((search) => ["/console/functions/{name}", `/console/functions/thank-you${search}`, "thank-you"]),
    ["/console/functions/{name}", "/console/functions/format-order", "Try it"],
    ["/console/users", "/console/users", "Kim Li"], ["/console/keys", "/console/keys", "warehouse"],
    ["/console/scenarios", "/console/scenarios", "1. Happy path"], ["/console/scenarios/{n}", `/console/scenarios/3?run=${ids.run}`, "Passed"],
    ["/scenarios", "/scenarios", "1. Happy path"], ["/scenario/{n}", `/scenario/3?run=${ids.run}`, "Passed"], ["/courier", "/courier", "Kim Li"],
  ] },
];

/// Every page that docs/pages.md has is among them.
function checkList() {
  const known = new Set(everyPage().flatMap(({ places }) => places.map(([address]) => address)));
  const named = [...readFileSync(list, "utf8").matchAll(/^\|[^|]+\| `([^`]+)` \|/gm)].map(([, address]) => address);
  check(`${list} names pages`, named.length > 20);
  const missing = named.filter((address) => !known.has(address));
  check(`not looked at: ${missing.join(", ")}`, missing.length === 0);
}

/// The tested looks: each combination that may differ from the others.
const looks = [["light", wide, "wide"], ["light", phone, "on a phone"], ["dark", phone, "on a phone"], ["dark", wide, "wide"]];

async function lookAt(page, [, path, text], findings) {
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(wide);
  await page.goto((pages ?? node.url) + path);
  await page.getByText(text, { exact: false }).filter({ visible: true }).first().waitFor();
  await until(`${path} has loaded`, async () => (await page.locator(".skeleton").count()) === 0);
  const add = (words, added) => findings.push(...added.map((finding) => `${path}, ${words}: ${finding}`));
  add("by keyboard", await keyboardFindings(page));
  const moving = await page.evaluate(() => {
    const roots = [document];
    for (const root of roots) for (const element of root.querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);
    return roots.flatMap((root) => root.getAnimations()).length;
  });
  if (moving > 0) add("without motion", [`${moving} things move`]);
  const name = path.replace(/[a-z]+_[0-9a-z]+/g, "x").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "home";
  for (const [colorScheme, size, word] of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    add(`${colorScheme}, ${word}`, await allFindings(page));
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > size.width) add(`${colorScheme}, ${word}`, [`it is ${width} pixels wide`]);
    if (folder) await page.screenshot({ path: join(folder, `all-${colorScheme}-${size.width}-${name}.png`), fullPage: true });
  }
}

async function walk(findings) {
  for (const { user, places } of everyPage()) {
    const origin = pages ?? node.url;
    const localStorage = user ? [{ name: "waybill.refresh_token", value: (await login(user)).refresh_token }] : [];
    const { context, complaints } = await openContext(browser, [new URL(origin).host], {
      reducedMotion: "reduce", storageState: { cookies: [], origins: [{ origin, localStorage }] },
    });
    const page = await context.newPage();
    for (const place of places)
      await lookAt(page, place, findings).catch(async (thrown) => {
        throw new Error(`${page.url()}: ${thrown.message}\nthe page says: ${await page.locator("body").innerText()}\n${findings.join("\n")}`);
      });
    findings.push(...complaints);
    await context.close();
  }
}

try {
  if (pages) node.url = process.env.WAYBILL_TEST_NODE;
  await node.start();
  await fill();
  checkList();
  const findings = [];
  await walk(findings);
  check(`${findings.length} findings:\n${findings.join("\n")}`, findings.length === 0);
  console.log(`ok: ${everyPage().flatMap(({ places }) => places).length} pages, light and dark`);
} finally {
  await browser.close();
  await node.remove();
}
