// A courier brings what a customer ordered, in two browsers: courier.mjs <waybill binary> <whether web/ is in it>. Answers are
// lost on the way, and the connection is; nothing happens twice. Skipped (77) where web/ was not built, or there is no browser.
import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary, ["--courier-pool=real"]);
const kim = { name: "Kim Li", email: "kim@example.com", password: "correct horse battery" };
const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const street = "Main Street 1, 12345 Springfield";
let adminToken = "";
let customerToken = "";
let product = "";

async function prepare() {
  await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  ({ access_token: adminToken } = await node.post("/v1/auth/login", admin));
  ({ access_token: customerToken } = await node.post("/v1/auth/register", ada));
  const { id } = await node.post("/v1/users", { ...kim, roles: ["courier"] }, adminToken);
  ({ items: [{ id: product }] } = await node.get("/v1/products"));
  return id;
}

const order = () =>
  node.post("/v1/orders", { lines: [{ product_id: product, quantity: 1 }], payment: { method: "card", token: "tok_ok" },
                            delivery: { name: "Ada", address: street } }, customerToken);

async function countOf(id, type) {
  const { items } = await node.get(`/v1/orders/${id}/events?limit=200`, adminToken);
  return items.filter((event) => event.type === type).length;
}

/// The node carries out one request whose answer is lost.
const loseOneAnswer = (page, path) =>
  page.route(path, async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });

async function goOnline(page, user) {
  await page.goto(`${node.url}/courier`);
  await signIn(page, kim);
  await page.getByText("You are not a courier yet").waitFor();
  await node.post("/v1/couriers", { name: kim.name, user_id: user }, adminToken);
  await page.reload();
  await page.getByRole("button", { name: "Go online" }).waitFor();
  await checkAccess(page, "offline");
  await picture(page, "courier-offline");
  await page.getByRole("button", { name: "Go online" }).click();
  await page.getByText("Waiting for an offer").waitFor();
  check("the switch says so", (await page.getByRole("switch", { name: "Online" }).getAttribute("aria-checked")) === "true");
  await checkAccess(page, "waiting");
  await picture(page, "courier-waiting");
}

async function bring(page, customer) {
  const { id } = await order();
  await customer.goto(`${node.url}/shop/orders/${id}`);
  await signIn(customer, ada);
  // The offer arrives without a reload.
  await page.getByRole("heading", { name: street }).waitFor();
  check("the time runs", /\d+ s left/.test(await page.getByRole("img", { name: "left to answer" }).getAttribute("aria-label")));
  await checkAccess(page, "an offer");
  await picture(page, "courier-offer");

  await loseOneAnswer(page, "**/accept");
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("button", { name: "I have it, start" }).waitFor();
  await customer.getByText("A courier comes to fetch your order", { exact: false }).waitFor();
  await picture(page, "courier-fetch");
  await page.getByRole("button", { name: "I have it, start" }).click();
  await customer.getByText("A courier is on the way to you", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Delivered" }).waitFor();
  await checkAccess(page, "on the way");
  await picture(page, "courier-bring");

  await loseOneAnswer(page, "**/complete");
  await page.getByRole("button", { name: "Delivered" }).click();
  await page.getByText("Delivered. Thank you.").waitFor();
  await customer.locator("waybill-order-tracker .badge", { hasText: "Delivered" }).waitFor();
  await picture(page, "courier-done");
  check("it was accepted once", (await countOf(id, "delivery.assigned")) === 1);
  check("it was delivered once", (await countOf(id, "delivery.completed")) === 1);
}

async function withoutNetwork(page, context) {
  const { id } = await order();
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("button", { name: "I have it, start" }).click();
  await page.getByRole("button", { name: "Delivered" }).waitFor();
  await context.setOffline(true);
  await page.getByRole("button", { name: "Delivered" }).click();
  await page.getByText("Telling that it is delivered … There is no connection", { exact: false }).waitFor();
  await picture(page, "courier-without-network");
  check("nothing was told", (await countOf(id, "delivery.completed")) === 0);
  // The phone is locked, and the browser drops the page; the next one goes on where it was.
  await page.close();
  await context.setOffline(false);
  const next = await context.newPage();
  await next.goto(`${node.url}/courier`);
  await next.getByText("Delivered. Thank you.").waitFor();
  await until("it is delivered", async () => (await countOf(id, "delivery.completed")) === 1);
  return next;
}

async function trouble(page, context) {
  const { id } = await order();
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("button", { name: "I cannot bring it" }).click();
  await page.getByLabel("My vehicle broke down").check();
  await checkAccess(page, "giving up");
  await picture(page, "courier-gives-up");
  await page.getByRole("button", { name: "Give up" }).click();
  await page.getByText("Given up. Somebody else brings it.").waitFor();
  await page.getByText("Waiting for an offer").waitFor();
  const { items } = await node.get(`/v1/orders/${id}/events?limit=200`, adminToken);
  check("the reason is kept", items.some(({ type, data }) => type === "delivery.aborted" && data.reason === "My vehicle broke down"));
  await page.getByRole("switch", { name: "Online" }).press("Space");
  await page.getByText("You are offline").waitFor();
  // A user with another role is told the needed one.
  const stranger = await context.newPage();
  await stranger.goto(`${node.url}/courier`);
  await stranger.getByRole("button", { name: "Sign out" }).first().click();
  await signIn(stranger, ada);
  await stranger.getByText("It needs the role courier", { exact: false }).waitFor();
  await stranger.getByRole("button", { name: "Sign out" }).first().click();
  // An operator chooses the courier for whom to act.
  await signIn(stranger, admin);
  await stranger.getByRole("link", { name: kim.name }).waitFor();
  await checkAccess(stranger, "for whom");
  await picture(stranger, "courier-choice");
  await stranger.getByRole("link", { name: kim.name }).click();
  await stranger.getByText("You are offline").waitFor();
}

try {
  const user = await prepare();
  const hosts = [new URL(node.url).host];
  const courier = await openContext(browser, hosts, { viewport: { width: 390, height: 800 }, colorScheme: "dark" });
  const customer = await openContext(browser, hosts);
  let page = await courier.context.newPage();
  const shop = await customer.context.newPage();
  const acts = [
    [goOnline, user], [bring, shop], [withoutNetwork, courier.context], [trouble, courier.context],
  ];
  for (const [act, argument] of acts) {
    page = await act(page, argument).catch(async (thrown) => {
      await picture(page, "failed");
      throw new Error(`${act.name}: ${thrown.message}\nthe page says: ${await page.locator("body").innerText()}`);
    }) ?? page;
    console.log(`${act.name}: ok`);
  }
  // The browser itself writes on the console that an answer was lost, and that the user is no courier yet.
  const wanted = /ERR_(CONNECTION_RESET|INTERNET_DISCONNECTED|NAME_NOT_RESOLVED)|WebSocket connection|404 \(Not Found\).*\/v1\/couriers\//;
  const complaints = [...courier.complaints, ...customer.complaints].filter((complaint) => !wanted.test(complaint));
  check(`the pages complain of nothing else: ${complaints.join("\n")}`, complaints.length === 0);
} finally {
  await browser.close();
  await node.remove();
}
