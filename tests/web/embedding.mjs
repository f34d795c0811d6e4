// A page of another origin that embeds the elements, as docs/embedding.md has it: embedding.mjs <waybill binary> <whether web/ is in
// it> <docs/embedding.md>. Skipped (77) where web/ was not built, or there is no browser.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { check, openBrowser, openContext, picture, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";

const [, , binary, hasWeb, document] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const example = /^```html\n(.*?)^```$/ms.exec(readFileSync(document, "utf8"))?.[1];
check(`${document} has a page`, example?.includes("waybill-orders"));

let served = "";
const other = createServer((_, answer) => {
  answer.setHeader("Content-Type", "text/html; charset=utf-8");
  answer.end(served);
});
await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${other.address().port}`;
const node = new Node(binary, [`--http-allowed-origins=${origin}`]);

/// The reset code that an administrator gives to a user who has forgotten their password.
async function codeFor(user) {
  const { access_token } = await node.post("/v1/auth/login", admin);
  return (await node.post(`/v1/users/${user}/password-reset`, undefined, access_token)).code;
}

try {
  await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  served = example.replaceAll("https://orders.example", node.url);
  const { items } = await (await fetch(`${node.url}/v1/products`)).json();
  const { access_token, user } = await node.post("/v1/auth/register", { name: "Ada", email: "ada@example.com", password: "correct horse battery" });
  const order = { lines: [{ product_id: items[0].id, quantity: 1 }], payment: { method: "card", token: "tok_ok" },
                  delivery: { name: "Ada", address: "Main Street 1" } };
  await node.post("/v1/orders", order, access_token);

  const { context, complaints } = await openContext(browser, [new URL(node.url).host, new URL(origin).host]);
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.getByText("Signed in as").waitFor();
  // A user who has forgotten the password sets a new one there as well.
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Code").fill(await codeFor(user.id));
  await page.getByLabel("New password").fill("another horse battery");
  await page.keyboard.press("Enter");
  await page.getByText("Signed in as").waitFor();
  await page.locator("waybill-orders").getByText("Earl Grey tea").click();
  await page.locator("waybill-order-tracker .badge", { hasText: "Delivered" }).waitFor();
  check("the page itself shows the order that was chosen", (await page.locator("waybill-order-tracker").getAttribute("order")).startsWith("ord_"));
  // Live, on a page of another origin too.
  await node.post("/v1/orders", order, access_token);
  await until("a second order appears by itself", async () => (await page.locator("waybill-orders li").count()) === 2);
  const told = page.locator("waybill-notifications").getByText("Your order was delivered.");
  await until("its notification appears by itself", async () => (await told.count()) === 2);
  await picture(page, "embedded");
  check(`the page complains of nothing: ${complaints.join("\n")}`, complaints.length === 0);

  // An origin that is not on the list gets no data.
  const stranger = await context.newPage();
  await stranger.goto("about:blank");
  const refused = await stranger.evaluate((url) => fetch(url).then(() => false, () => true), `${node.url}/v1/products`);
  check("a page that is not on the list is refused", refused);
} finally {
  await browser.close();
  other.close();
  await node.remove();
}
