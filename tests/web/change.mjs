// A customer changes an order and then cancels it, while no courier was asked yet: change.mjs <waybill binary> <whether web/ is in
// it>. Skipped (77) where web/ was not built, or there is no browser.
import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { Node } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary, ["--order-grace=10m"]);
const ada = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };

try {
  await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650, onHand: 3 }]);
  const { items: [{ id: product_id }] } = await node.get("/v1/products");
  const { access_token } = await node.post("/v1/auth/register", ada);
  const { id } = await node.post("/v1/orders", { lines: [{ product_id, quantity: 1 }], payment: { method: "card", token: "tok_ok" },
                                                 delivery: { name: "Ada", address: "Main Street 1" } }, access_token);
  const { context, complaints } = await openContext(browser, [new URL(node.url).host]);
  const page = await context.newPage();
  await page.goto(`${node.url}/shop/orders/${id}`);
  await signIn(page, ada);
  await page.locator("waybill-order-tracker .badge", { hasText: "Paid" }).waitFor();

  await page.getByRole("button", { name: "Change this order" }).click();
  const dialog = page.getByRole("dialog", { name: "Change this order" });
  check("nothing is to be sent yet", await dialog.getByRole("button", { name: "Change the order" }).isDisabled());
  await dialog.getByRole("button", { name: "One more of Earl Grey tea" }).click();
  await dialog.getByLabel("Address").fill("Side Street 2");
  await checkAccess(page, "changing an order");
  await picture(page, "order-change");
  await dialog.getByRole("button", { name: "Change the order" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Side Street 2").waitFor();
  await page.getByText("13.00 EUR").first().waitFor();
  const changed = await node.get(`/v1/orders/${id}`, access_token);
  check("the node has it so", changed.total.amount === 1300 && changed.delivery.address === "Side Street 2" && changed.delivery.name === "Ada");

  // More than there is: the order stays as it is.
  await page.getByRole("button", { name: "Change this order" }).click();
  for (let more = 0; more < 3; ++more) await dialog.getByRole("button", { name: "One more of Earl Grey tea" }).click();
  await dialog.getByRole("button", { name: "Change the order" }).click();
  await dialog.getByText("There is not enough in stock").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  check("the focus is where it was", await page.getByRole("button", { name: "Change this order" }).evaluate((it) => it === document.activeElement));

  await page.getByRole("button", { name: "Cancel this order" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the order" }).click();
  await page.getByText("Reason: Changed my mind. Nothing was charged.").waitFor();
  await picture(page, "order-cancelled");
  // The refusal on purpose, the browser itself writes on the console.
  const others = complaints.filter((complaint) => !/409.*\/v1\/orders\/ord_/.test(complaint));
  check(`the page complains of nothing else: ${others.join("\n")}`, others.length === 0);
  console.log("ok");
} finally {
  await browser.close();
  await node.remove();
}
