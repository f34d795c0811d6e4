// A new customer in the shop, in a real browser: shop.mjs <waybill binary> <whether web/ is in it>. Skipped (77) where web/ was
// not built, or there is no browser. With WAYBILL_TEST_SCREENSHOT=<folder> it keeps what it saw there.
import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, skip } from "./support/browser.mjs";
import { Node } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary, ["--courier-shortest-delay=300ms", "--courier-longest-delay=600ms"]);

async function home(page) {
  await page.goto(node.url);
  await page.getByRole("heading", { name: "Waybill" }).waitFor();
  await picture(page, "home");
  await page.getByRole("link", { name: /Shop/ }).click();
  await page.getByRole("heading", { name: "Products" }).waitFor();
}

async function catalogue(page) {
  await page.getByText("Earl Grey tea").waitFor();
  check("an amount has its currency's decimals", await page.getByText("2800 JPY").isVisible());
  await checkAccess(page, "the catalogue");
  await picture(page, "catalogue");
  await page.getByRole("searchbox").fill("chocolate");
  await page.waitForURL(/q=chocolate/);
  await page.getByText("Earl Grey tea").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Add Dark chocolate to the cart" }).click();
  await page.goBack().catch(() => undefined);
  await page.goto(`${node.url}/shop`);
  await page.getByRole("button", { name: "Add Earl Grey tea to the cart" }).click();
  await page.getByRole("button", { name: "One more of Earl Grey tea" }).click();
}

async function cart(page) {
  await page.goto(`${node.url}/shop/cart`);
  await page.reload();
  await page.getByText("16.50 EUR").waitFor();
  check("the cart outlives a reload", await page.getByRole("group", { name: "How many of Dark chocolate" }).isVisible());
  await picture(page, "cart-signed-out");
}

async function register(page) {
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill("correct horse battery");
  await picture(page, "register");
  await page.keyboard.press("Enter");
  await page.getByLabel("Address", { exact: true }).waitFor();
}

async function order(page) {
  await page.getByLabel("Address", { exact: true }).fill("Main Street 1, 12345 Springfield");
  check("the test cards have names", await page.getByLabel("A good card").isChecked());
  await checkAccess(page, "checkout");
  await picture(page, "checkout");
  await page.getByRole("button", { name: "Order for 16.50 EUR" }).click();
  await page.waitForURL(/\/shop\/orders\/ord_/);
  await page.getByText("Courier found").waitFor();
  await picture(page, "order-under-way");
  // The steps arrive by the WebSocket, without a reload.
  await page.locator("waybill-order-tracker .stop.done").nth(4).waitFor();
  await page.locator("waybill-order-tracker .badge", { hasText: "Delivered" }).waitFor();
  await checkAccess(page, "an order");
  await picture(page, "order-delivered");
  check("the cart is empty again", (await page.getByRole("link", { name: "Cart" }).innerText()).trim() === "Cart");
}

async function news(page) {
  await page.getByRole("link", { name: "News" }).click();
  await page.getByText("unread", { exact: false }).first().waitFor();
  await checkAccess(page, "news");
  await picture(page, "news");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByText("All read").waitFor();
}

async function refusedCard(page) {
  await page.goto(`${node.url}/shop`);
  await page.getByRole("button", { name: "Add Sourdough bread to the cart" }).click();
  await page.getByRole("link", { name: "Cart" }).click();
  await page.getByLabel("A card that is refused").check();
  check("the address of before is there", (await page.getByLabel("Address", { exact: true }).inputValue()).startsWith("Main Street 1"));
  await page.getByRole("button", { name: "Order for 4.80 EUR" }).click();
  await page.getByText("The bank refused the card. Nothing was charged. Try another card. Your cart is as it was.").waitFor();
  check("the cart is kept", await page.getByRole("group", { name: "How many of Sourdough bread" }).isVisible());
  await checkAccess(page, "a refused card");
  await picture(page, "card-refused");
  await page.getByRole("link", { name: "Orders", exact: true }).click();
  await page.getByText("Sourdough bread").click();
  await page.getByText("The bank refused the card. Nothing was charged. Try another card.").waitFor();
  await picture(page, "order-refused");
  await page.getByRole("link", { name: "Your orders" }).click();
  await page.getByText("Delivered").waitFor();
  await picture(page, "orders");
}

async function payLater(page) {
  const { access_token } = await node.post("/v1/auth/login", { email: "ada@example.com", password: "correct horse battery" });
  const tea = (await node.get("/v1/products")).items.find(({ name }) => name === "Earl Grey tea");
  const { id } = await node.post("/v1/orders", {
    lines: [{ product_id: tea.id, quantity: 1 }], payment: { method: "deferred" }, delivery: { name: "Ada", address: "Main Street 1" },
  }, access_token);
  await page.goto(`${node.url}/shop/orders/${id}`);
  await page.getByRole("button", { name: "Pay 6.50 EUR" }).click();
  const dialog = page.getByRole("dialog", { name: "Pay this order" });
  await dialog.getByLabel("A good card").waitFor();
  await checkAccess(page, "paying later");
  await picture(page, "pay-later");
  await dialog.getByRole("button", { name: "Pay", exact: true }).click();
  await page.locator("waybill-order-tracker .badge", { hasText: "Delivered" }).waitFor();
  check("nothing is left to pay", !(await page.getByRole("button", { name: /^Pay/ }).isVisible()));
  await page.goto(`${node.url}/shop/cart`);
  await page.getByRole("button", { name: "Order for 4.80 EUR" }).waitFor();
}

async function keys(page) {
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.getByRole("button", { name: "Order for 4.80 EUR" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await checkAccess(page, "keys");
  await picture(page, "keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.getByRole("searchbox").waitFor();
  check("the search has the focus", await page.getByRole("searchbox").evaluate((input) => input === document.activeElement));
  await page.keyboard.type("gc");
  check("who writes, writes", (await page.getByRole("searchbox").inputValue()) === "gc");
}

async function account(page) {
  await page.goto(`${node.url}/shop/account`);
  const profile = page.getByRole("form", { name: "Profile" });
  await profile.getByLabel("Name").fill("Ada King");
  await profile.getByRole("button", { name: "Change" }).click();
  await page.getByText("Your profile is changed.").waitFor();
  await page.getByRole("link", { name: "Ada", exact: true }).waitFor();
  const password = page.getByRole("form", { name: "New password" });
  await password.getByLabel("New password").fill("a quite other password");
  await password.getByLabel("Present password").fill("not the one of before");
  await password.getByRole("button", { name: "Change" }).click();
  await page.getByText("The present password is not right.").waitFor();
  await checkAccess(page, "account");
  await picture(page, "account");
  await password.getByLabel("Present password").fill("correct horse battery");
  await password.getByRole("button", { name: "Change" }).click();
  await page.getByText("Your password is changed.", { exact: false }).waitFor();
  await node.post("/v1/auth/login", { email: "ada@example.com", password: "a quite other password" });
  await page.getByRole("link", { name: "Orders", exact: true }).click();
  await page.getByText("Sourdough bread").waitFor();
}

async function otherTab(page, context) {
  const other = await context.newPage();
  await other.goto(`${node.url}/shop/account`);
  await other.getByRole("heading", { name: "Your account" }).waitFor();
  await other.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  await other.close();
}

async function phone(page) {
  await page.setViewportSize({ width: 360, height: 640 });
  for (const path of ["", "shop", "shop/cart", "shop/sign-in"]) {
    await page.goto(`${node.url}/${path}`);
    await page.getByRole("heading").first().waitFor().catch(() => undefined);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    check(`/${path} is not wider than a phone: ${width}`, width <= 360);
  }
}

try {
  await node.start();
  await node.stock([
    { name: "Earl Grey tea", amount: 650 }, { name: "Dark chocolate", amount: 350 }, { name: "Sourdough bread", amount: 480, onHand: 12 },
    { name: "Olive oil, 0.5 l", amount: 1290, onHand: 3 }, { name: "Ground coffee, 250 g", amount: 799, onHand: 0 },
    { name: "Matcha whisk", amount: 2800, currency: "JPY" }, { name: "Dates, 1 kg", amount: 3250, currency: "KWD" },
  ]);
  const { context, complaints } = await openContext(browser, [new URL(node.url).host]);
  const page = await context.newPage();
  for (const act of [home, catalogue, cart, register, order, news, refusedCard, payLater, keys, account, otherTab, phone]) {
    await act(page, context).catch(async (thrown) => {
      await picture(page, "failed");
      throw new Error(`${act.name}: ${thrown.message}\nthe page says: ${await page.locator("body").innerText()}\n${complaints.join("\n")}`);
    });
    console.log(`${act.name}: ok`);
  }
  // The wrong password on purpose, the browser itself writes on the console.
  const others = complaints.filter((complaint) => !/40[13].*\/v1\/me$/.test(complaint));
  check(`the pages complain of nothing else: ${others.join("\n")}`, others.length === 0);
} finally {
  await browser.close();
  await node.remove();
}
