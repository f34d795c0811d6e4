// The console's list of orders while orders come, at a desk and on a phone: order_list.mjs <waybill binary> <whether web/ is in it>.
// Skipped (77) where web/ was not built, or there is no browser. WAYBILL_TEST_PAGES and WAYBILL_TEST_NODE as in all_pages.mjs.
import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
const pages = process.env.WAYBILL_TEST_PAGES;
if (hasWeb === "OFF" && !pages) skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary);
const at = (path) => `${pages ?? node.url}/console${path}`;
let token = "";
let product = "";

const card = { method: "card", token: "tok_ok" };
const placing = (name, payment) => ({ lines: [{ product_id: product, quantity: 1 }], payment, delivery: { name, address: "Main Street 1" } });
const order = async (name) => (await node.post("/v1/orders", placing(name, card), token)).id;
/// A promise, and what keeps it.
function signal() {
  let done;
  const promise = new Promise((keep) => { done = keep; });
  return { promise, done };
}
const rowsOf = (page) => page.getByRole("list", { name: "Orders" }).getByRole("listitem");
/// The list is read once for itself and once when the live connection opens; orders that are placed after both are counted.
/// Ask before the page opens.
function bothReadings(page) {
  const both = signal();
  let readings = 0;
  page.on("response", (response) => {
    if (/\/v1\/orders\?/.test(response.url()) && ++readings === 2) both.done();
  });
  return both.promise;
}
const firstIn = async (page) => (await rowsOf(page).first().locator("a").getAttribute("data-order"));

async function live(page) {
  const first = await order("Ada");
  const readings = bothReadings(page);
  await page.goto(at("/orders"));
  await signIn(page, admin);
  await readings;
  await page.locator(`[data-order="${first}"]`).getByText("Completed").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  // New orders do not move a button under the pointer; they are counted.
  const second = await order("Grace");
  await page.getByText("1 new", { exact: true }).waitFor();
  const third = await order("Edsger");
  await page.getByText("2 new", { exact: true }).waitFor();
  check("the list did not move", (await rowsOf(page).count()) === 1 && (await firstIn(page)) === first);
  await checkAccess(page, "new orders");
  await picture(page, "console-orders-new");
  await page.getByRole("button", { name: "show" }).click();
  await page.locator(`[data-order="${third}"]`).waitFor();
  check("the newest is the first", (await firstIn(page)) === third && (await rowsOf(page).count()) === 3);
  check("all are seen now", !(await page.getByText("new", { exact: false }).filter({ hasText: /^\d+ new$/ }).isVisible()));
  // By keyboard to the second one.
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/orders/${second}`));
}

/// Changes during the read of the list are shown, whether the live connection opens before it or afterwards.
async function slow(shown) {
  for (const [name, isLiveBefore] of [["Katherine", true], ["Mary", false]]) {
    const { id } = await node.post("/v1/orders", placing(name, { method: "deferred" }), token);
    await until("the order waits for a payer", async () => (await node.get(`/v1/orders/${id}`, token)).payment_status === "awaiting");
    const page = await shown.context().newPage();
    const completed = signal();
    const live = signal();
    const asked = signal();
    // Only the first answer: it knows the order as it was, and comes late.
    await page.route(/\/v1\/orders\?/, async (route) => {
      const response = await route.fetch();
      asked.done();
      await Promise.all([completed.promise, live.promise]);
      await route.fulfill({ response }).catch(() => undefined);
    }, { times: 1 });
    await page.routeWebSocket(/\/v1\/ws/, async (socket) => {
      if (!isLiveBefore) await completed.promise;
      const server = socket.connectToServer();
      server.onMessage((frame) => {
        socket.send(frame);
        if (String(frame).includes('"subscribed"')) live.done();
      });
    });
    await page.goto(at("/orders"));
    await asked.promise;
    if (isLiveBefore) await live.promise;
    await node.post(`/v1/orders/${id}/payment`, card, token);
    await until("the order is completed", async () => (await node.get(`/v1/orders/${id}`, token)).status === "completed");
    completed.done();
    await page.locator(`[data-order="${id}"]`).getByText("Completed").waitFor();
    await page.close();
  }
}

async function phone(page) {
  await page.setViewportSize({ width: 360, height: 740 });
  const readings = bothReadings(page);
  await page.goto(at("/orders"));
  await readings;
  const row = rowsOf(page).filter({ hasText: "Grace" });
  await row.getByText("Completed").waitFor();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check(`the list is not wider than a phone: ${width}`, width <= 360);
  const box = await row.boundingBox();
  for (const part of ["Grace", "Completed", "6.50 EUR", "Earl Grey tea"]) {
    const at = await row.getByText(part).first().boundingBox();
    check(`${part} is seen within the row`, at && at.x >= box.x && at.x + at.width <= box.x + box.width + 1 && at.y >= box.y - 1 && at.y + at.height <= box.y + box.height + 1);
  }
  check(`a thumb finds the row: ${box.height}`, box.height >= 48);
  await order("Barbara");
  await page.getByText("1 new", { exact: true }).click();
  await rowsOf(page).filter({ hasText: "Barbara" }).waitFor();
  await row.locator("a").click();
  await page.waitForURL(/\/orders\/ord_/);
  await page.getByText("Grace", { exact: false }).first().waitFor();
}

try {
  if (pages) node.url = process.env.WAYBILL_TEST_NODE;
  await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  token = (await node.post("/v1/auth/login", admin)).access_token;
  product = (await node.get("/v1/products")).items[0].id;
  const { context, complaints } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const page = await context.newPage();
  for (const act of [live, slow, phone]) {
    await act(page).catch(async (thrown) => {
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
