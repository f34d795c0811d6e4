// A gateway is restarted under an open page, which says so, comes back by itself and misses nothing: restart.mjs <waybill binary>
// <whether web/ is in it>. Skipped (77) where web/ was not built, or there is no browser.
import { check, openBrowser, openContext, picture, skip } from "./support/browser.mjs";
import { Node } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
// Slow enough that the order is under way when the node goes down, and an offer holds long enough for such couriers.
const node = new Node(binary, ["--courier-shortest-delay=3s", "--courier-longest-delay=4s", "--delivery-answer-within=20s"]);

try {
  await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  const { items } = await (await fetch(`${node.url}/v1/products`)).json();
  const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
  const { access_token } = await node.post("/v1/auth/register", ada);
  const { id } = await node.post("/v1/orders", { lines: [{ product_id: items[0].id, quantity: 1 }], payment: { method: "card", token: "tok_ok" },
                                                 delivery: { name: "Ada", address: "Main Street 1" } }, access_token);
  const { context, complaints } = await openContext(browser, [new URL(node.url).host]);
  const page = await context.newPage();
  await page.goto(`${node.url}/shop/orders/${id}`);
  await page.getByRole("link", { name: "Sign in" }).last().click();
  await page.getByLabel("E-mail address").fill(ada.email);
  await page.getByLabel("Password").fill(ada.password);
  await page.keyboard.press("Enter");
  await page.locator("waybill-order-tracker .stop.now").waitFor();

  await node.stop();
  await page.getByText("Connection lost", { exact: false }).waitFor();
  check("what was on the page stays", await page.locator("waybill-order-tracker .stop.done").first().isVisible());
  await picture(page, "connection-lost");
  await node.start();
  await page.locator("waybill-order-tracker .badge", { hasText: "Delivered" }).waitFor({ timeout: 90_000 });
  await page.getByText("Connection lost", { exact: false }).waitFor({ state: "detached" });
  // The browser itself writes the missing answers on the console.
  const others = complaints.filter((complaint) => !/ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection/.test(complaint));
  check(`the page complains of nothing else: ${others.join("\n")}`, others.length === 0);
  console.log("ok");
} finally {
  await browser.close();
  await node.remove();
}
