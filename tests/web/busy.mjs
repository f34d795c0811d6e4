// A console that is open while much happens: busy.mjs <waybill binary> <whether web/ is in it>. What comes is counted, and what the
// page makes of it: rows drawn, requests made, events and nodes kept. Skipped (77) where web/ was not built, or there is no browser.
// WAYBILL_TEST_PAGES and WAYBILL_TEST_NODE as in all_pages.mjs.
import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
const pages = process.env.WAYBILL_TEST_PAGES;
if (hasWeb === "OFF" && !pages) skip("web/ was not built: npm's packages were not there");

const aSecond = 1000;
const seconds = 12;
const mostKept = 10_000;

const browser = await openBrowser();
const node = new Node(binary);
const at = (path) => `${pages ?? node.url}/console${path}`;
let token = "";
let product = "";
const asked = [];

const order = (card = "tok_ok") => node.post("/v1/orders", {
  lines: [{ product_id: product, quantity: 1 }], payment: { method: "card", token: card }, delivery: { name: "Ada", address: "Main Street 1" },
}, token);

/// The page's connection, into which events can be put beside those of the node.
async function tap(page) {
  const tapped = { subscriptions: new Map(), send: () => undefined };
  await page.routeWebSocket(/\/v1\/ws$/, (socket) => {
    const server = socket.connectToServer();
    tapped.subscriptions.clear();
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text));
      if (frame.type === "subscribe") tapped.subscriptions.set(frame.id, frame.filter.types ?? ["*"]);
      if (frame.type === "unsubscribe") tapped.subscriptions.delete(frame.id);
      server.send(text);
    });
    tapped.send = (text) => socket.send(text);
  });
  return tapped;
}

const fits = (types, type) => types.some((pattern) => pattern === "*" || pattern === type || (pattern.endsWith("*") && type.startsWith(pattern.slice(0, -1))));

/// So many events, a second's worth at a time; behind each of them the page must still answer.
async function flood(page, tapped, make, answers) {
  const before = asked.length;
  for (let second = 0; second < seconds; ++second) {
    for (let number = second * aSecond; number < (second + 1) * aSecond; ++number) {
      const event = make(number);
      for (const [id, types] of tapped.subscriptions) if (fits(types, event.type)) tapped.send(JSON.stringify({ type: "event", id, event }));
    }
    await answers(second);
  }
  return asked.length - before;
}

let template;
const eventOf = (type, stream, number) => ({
  ...template, id: `evt_flood_${number}`, type, stream, version: number, occurred_at: new Date().toISOString(),
});
const idOf = (number) => `ord_${String(number).padStart(20, "0")}`;

/// Nodes of the document and the objects that they keep, after a garbage collection.
async function nodesOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { nodes } = await session.send("Memory.getDOMCounters");
  await session.detach();
  return nodes;
}

const frame = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));

async function log(page, tapped) {
  await page.goto(at("/log"));
  await page.getByText("Live", { exact: true }).waitFor();
  await order();
  await page.getByText("Order completed").first().waitFor();
  const events = page.getByRole("list", { name: "Events" });
  const nodes = [];
  await flood(page, tapped, (number) => eventOf("order.placed", idOf(number), number), async (second) => {
    await until(`the newest of second ${second} is shown`, async () => (await events.innerText()).includes(idOf((second + 1) * aSecond - 1).slice(-4)));
    // A key press is answered, and the page that it opens is there.
    await events.getByRole("button").first().click();
    await page.getByRole("button", { name: "Close" }).first().waitFor();
    await page.keyboard.press("Escape");
    const rows = await events.getByRole("listitem").count();
    check(`rows that are seen are drawn, no others: ${rows}`, rows > 0 && rows < 100);
    nodes.push(await nodesOf(page));
  });
  const kept = Number(await events.getByRole("listitem").first().getAttribute("aria-setsize"));
  check(`so many are kept: ${kept}`, kept === mostKept);
  await page.getByText(/The oldest \d+ are no longer in this view/).waitFor();
  const half = nodes.slice(seconds / 2);
  check(`what is drawn does not grow: ${nodes.join(", ")}`, Math.max(...half) < 2 * Math.max(...nodes.slice(0, 3)));
  await picture(page, "busy-log");
}

async function orders(page, tapped) {
  const { id } = await order();
  await page.goto(at("/orders"));
  const row = page.locator(`[data-order="${id}"]`);
  await row.waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  const requests = await flood(page, tapped, (number) => (number % 2 ? eventOf("order.placed", idOf(number), number) : eventOf("order.confirmed", id, number)), async (second) => {
    await page.getByText(`${((second + 1) * aSecond) / 2} new`, { exact: true }).waitFor();
    await row.focus();
    await page.keyboard.press("x");
    await page.getByText(second % 2 ? "Select" : "1 selected", { exact: false }).first().waitFor();
  });
  check(`${seconds * aSecond} events are answered by few requests: ${requests}`, requests > 0 && requests < (seconds * aSecond) / 100);
  const rows = await page.getByRole("list", { name: "Orders" }).getByRole("listitem").count();
  check(`the list did not move: ${rows} rows`, rows < 20);
}

async function overview(page, tapped) {
  await page.goto(at("/overview"));
  await page.getByText("1 node up").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await until("the orders are followed", () => [...tapped.subscriptions.values()].some((types) => types.includes("order.completed")));
  const before = await nodesOf(page);
  const requests = await flood(page, tapped, (number) => eventOf(number % 2 ? "order.placed" : "order.completed", idOf(number >> 1), number), async () => {
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await frame(page);
  });
  check(`${seconds * aSecond} events are answered by few requests: ${requests}`, requests < (seconds * aSecond) / 100);
  const after = await nodesOf(page);
  check(`what is drawn does not grow: ${before} nodes, then ${after}`, after < 2 * before);
  await picture(page, "busy-overview");
}

/// The node's own: a flash sale of a thousand orders, of which an open log misses none.
async function sale(page) {
  await page.goto(at("/log"));
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Orders", exact: true }).click();
  await page.waitForURL(/types=order/);
  await order();
  const events = page.getByRole("list", { name: "Events" });
  await page.getByText("Order completed").first().waitFor();
  const shown = async () => Number(await events.getByRole("listitem").first().getAttribute("aria-setsize"));
  const before = await shown();
  const report = await node.get("/scenario/10", token);
  check("the sale went as it should", report.verdict === "pass" && report.order_ids.length === 1000);
  const counts = await Promise.all(report.order_ids.slice(0, 50).map(async (id) =>
    (await node.get(`/v1/orders/${id}/events?limit=200`, token)).items.filter(({ type }) => type.startsWith("order.")).length));
  check("each has some events", counts.every((count) => count >= 2));
  const expected = await ordersEvents(report.order_ids);
  await until(`all ${expected} events are there`, async () => (await shown()) - before === expected, shown);
}

/// How many events of the type order.* the log has of these orders.
async function ordersEvents(ids) {
  const wanted = new Set(ids);
  let count = 0;
  for (let after = "earliest"; after !== null;) {
    const page = await node.get(`/v1/events?type=order.*&limit=200&after=${encodeURIComponent(after)}`, token);
    count += page.items.filter(({ stream }) => wanted.has(stream)).length;
    after = page.items.length > 0 ? page.next_cursor : null;
  }
  return count;
}

try {
  if (pages) node.url = process.env.WAYBILL_TEST_NODE;
  await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  token = (await node.post("/v1/auth/login", admin)).access_token;
  product = (await node.get("/v1/products")).items[0].id;
  await order();
  template = (await node.get("/v1/events?after=earliest&type=order.placed", token)).items[0];
  const { context, complaints } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const page = await context.newPage();
  await page.goto(at("/log"));
  await signIn(page, admin);
  page.on("request", (request) => request.url().includes("/v1/") && asked.push(request.url()));
  const tapped = await tap(page);
  for (const act of [log, orders, overview, sale]) {
    await act(page, tapped).catch(async (thrown) => {
      await picture(page, `failed-${act.name}`);
      throw new Error(`${act.name} at ${page.url()}: ${thrown.message}\n${complaints.join("\n")}`);
    });
    console.log(`ok: ${act.name}`);
  }
  check(`the pages complain of nothing: ${complaints.join("\n")}`, complaints.length === 0);
} finally {
  await browser.close();
  await node.remove();
}
