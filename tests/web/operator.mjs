// An operator mends fifty stuck orders at once, in a real browser: operator.mjs <waybill binary> <whether web/ is in it>. Skipped (77)
// where web/ was not built, or there is no browser. With WAYBILL_TEST_SCREENSHOT=<folder> it keeps what it saw there.
import { readFileSync } from "node:fs";

import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

const count = 50;
const password = "correct horse battery";
const operator = { email: "olga@example.com", name: "Olga Operator", password, roles: ["operator"] };
const ada = { email: "ada@example.com", name: "Ada", password };
const browser = await openBrowser();
const node = new Node(binary, ["--courier-shortest-delay=10ms", "--courier-longest-delay=20ms", "--webhook-targets=any"]);

const tokenOf = async ({ email }) => (await node.post("/v1/auth/login", { email, password })).access_token;

async function read(path, token) {
  const answer = await fetch(node.url + path, { headers: { Authorization: `Bearer ${token}` } });
  check(`${path}: ${answer.status}`, answer.ok);
  return answer.json();
}

/// Orders that were delivered, and whose money the provider then did not give.
async function stuckOrders(token) {
  const { items: [tea] } = await (await fetch(`${node.url}/v1/products`)).json();
  const place = (number) => node.post("/v1/orders", {
    lines: [{ product_id: tea.id, quantity: 1 }], payment: { method: "card", token: "tok_capture_fails" },
    delivery: { name: number === 17 ? "Zoë Zwetschge" : `Customer ${number}`, address: "Main Street 1 [couriers: complete]" },
  }, token);
  for (let number = 1; number <= count; ++number) await place(number);
}

const stuck = async (token) => (await read("/v1/orders?status=needs_attention&limit=200", token)).items;

async function signIn(page, { email }) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

async function noRight(page) {
  await page.goto(`${node.url}/console`);
  await signIn(page, ada);
  await page.getByText("It needs the role observer or operator or admin").waitFor();
  await picture(page, "console-no-right");
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await page.getByLabel("E-mail address").waitFor();
}

async function mend(page, _, token) {
  await signIn(page, operator);
  // The overview says first what needs a hand.
  await page.getByRole("link", { name: "Mend them" }).click();
  await page.waitForURL(/status=needs_attention/);
  await page.getByText(`${count} shown`).waitFor();
  await picture(page, "console-orders");
  await checkAccess(page, "the list of orders");
  await page.getByText("Select all shown").click();
  await page.getByText(`${count} selected`).waitFor();
  await page.getByRole("group", { name: "Selection" }).getByRole("button", { name: "Resolve" }).click();
  await page.getByRole("heading", { name: `Close ${count} orders?` }).waitFor();
  await picture(page, "console-bulk");
  await checkAccess(page, "the dialog for many orders");
  // A colleague is faster with one of them.
  const [first] = await stuck(token);
  await node.post(`/v1/orders/${first.id}/resolve`, { outcome: "cancelled", reason: "settled by a colleague" }, await tokenOf(admin));
  await page.getByLabel("Completed").check();
  await page.getByLabel("Why").fill("paid at the counter");
  await page.getByRole("button", { name: `Close ${count} orders` }).click();
  // What becomes of each has an address of its own, which any colleague may open.
  await page.waitForURL(/\/console\/bulk\/blk_/);
  await page.reload();
  await page.getByRole("heading", { name: `Close ${count} orders as completed` }).waitFor();
  await page.getByText(`${count - 1} done`).waitFor();
  await page.getByText("1 refused", { exact: false }).first().waitFor();
  check("the one that was refused is named", (await page.getByRole("list", { name: "Refused" }).innerText()).includes(first.id.slice(-4)));
  await page.getByText("Over", { exact: true }).waitFor();
  check("there is nothing to stop any more", !(await page.getByRole("button", { name: "Stop" }).isVisible()));
  await page.getByText("Each order").click();
  await page.getByText("paid at the counter").waitFor();
  await checkAccess(page, "the page of a bulk action");
  await picture(page, "console-bulk-done");
  // It is found again among those of before.
  const address = page.url();
  await page.getByRole("link", { name: "All bulk actions so far" }).click();
  await page.getByRole("button", { name: /bulk_action\.started/ }).first().click();
  await page.getByRole("complementary", { name: "The event" }).getByRole("link").click();
  await page.waitForURL(address);
  await page.goto(`${node.url}/console/orders?status=needs_attention`);
  await page.getByText("No order fits").waitFor();
  check("none is stuck any more", (await stuck(token)).length === 0);
  const { items } = await read("/v1/orders?status=completed&limit=200", token);
  check(`all others are completed: ${items.length}`, items.length === count - 1);
  const { items: events } = await read(`/v1/orders/${items[0].id}/events?type=order.resolved`, token);
  check("the reason and who gave it are kept", events[0].data.reason === "paid at the counter" && events[0].by.kind === "operator");
}

/// Words outside of any index are found as well, and each filter is a chip that can be removed.
async function find(page) {
  await page.goto(`${node.url}/console/orders`);
  await page.getByRole("searchbox", { name: "Filter" }).fill("ZWETSCHGE earl");
  await page.keyboard.press("Enter");
  await page.getByText("1 shown, that is all").waitFor();
  await page.getByText("Zoë Zwetschge").first().waitFor();
  await page.getByRole("button", { name: "Remove the filter: “ZWETSCHGE earl”" }).click();
  // By the end of its number, as people read it to each other; not by a word that is within it by chance.
  const [{ id }] = (await read("/v1/orders?status=completed&limit=1", await tokenOf(admin))).items;
  for (const text of [id.slice(-4), `ord_…${id.slice(-4)}`]) {
    await page.getByRole("searchbox", { name: "Filter" }).fill(text);
    await page.keyboard.press("Enter");
    await page.locator(`[data-order="${id}"]`).waitFor();
    await page.getByRole("button", { name: /^Remove the filter/ }).click();
  }
  await page.getByRole("searchbox", { name: "Filter" }).fill(id.slice(8, 12));
  await page.keyboard.press("Enter");
  await page.getByText("No order fits").waitFor();
  await page.getByRole("button", { name: /^Remove the filter/ }).click();
  await page.getByLabel("Waits for").selectOption("operator");
  await page.getByText("No order fits").waitFor();
  check("the filter stands in the address", page.url().includes("waits=operator"));
  await page.getByRole("link", { name: "Retrying" }).click();
  await page.waitForURL(/retrying=/);
  await page.getByText("No order fits").waitFor();
}

/// The columns, and what is kept as a file.
async function layout(page) {
  await page.goto(`${node.url}/console/orders`);
  await page.getByText(`${count} shown`).waitFor();
  const rows = page.getByRole("list", { name: "Orders" }).getByRole("listitem");
  check("the address is no column yet", !(await rows.first().getByText("Main Street 1").isVisible()));
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Address" }).check();
  await page.getByRole("checkbox", { name: "What about it" }).uncheck();
  await page.getByRole("checkbox", { name: "Rows close to each other" }).check();
  await checkAccess(page, "the choice of columns");
  await picture(page, "console-columns");
  await page.getByRole("button", { name: "Show these" }).click();
  await rows.first().getByText("Main Street 1").waitFor();
  const { height } = await rows.first().boundingBox();
  check(`rows are close to each other: ${height}`, height < 40);
  await page.reload();
  await rows.first().getByText("Main Street 1").waitFor();
  await checkAccess(page, "other columns");
  await picture(page, "console-orders-columns");
  const [table] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save them as a table" }).click()]);
  const lines = readFileSync(await table.path(), "utf8").trim().split("\r\n");
  check(`a line for each order that is shown: ${lines.length}`, lines.length === count + 1 && lines[0].startsWith("id,status"));
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("button", { name: "As usual" }).click();
  await rows.first().getByText("Main Street 1").waitFor({ state: "detached" });
}

async function openOne(page) {
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await page.getByText(`${count} shown`).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByText("1 selected").waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/orders\/ord_/);
  await page.getByRole("region", { name: "Timeline" }).getByText("Needs attention").waitFor();
  await picture(page, "console-order");
  await checkAccess(page, "the page of an order");
  await page.getByText(/On node .*, shard \d+, in memory/).waitFor();
  await page.getByRole("link", { name: "As it was" }).click();
  await page.getByText(/version (\d+) of \1/).waitFor();
  await page.getByRole("button", { name: "The version before" }).click();
  await page.getByRole("region", { name: "What changed" }).getByText("status", { exact: true }).waitFor();
  await picture(page, "console-history");
  await checkAccess(page, "an order as it was");
  await page.getByRole("link", { name: "Webhooks", exact: true }).last().click();
  await page.getByRole("region", { name: "Messages to webhook endpoints" }).getByText("order.resolved").waitFor();
  await checkAccess(page, "the webhooks of an order");
  await picture(page, "console-order-webhooks");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export" }).click()]);
  const whole = JSON.parse(readFileSync(await file.path(), "utf8"));
  check(`the export is of this order: ${file.suggestedFilename()}`, file.suggestedFilename() === `${whole.order_id}.json` && whole.events.length > 5);
  await page.getByRole("link", { name: "Payment", exact: true }).click();
  await page.getByText("/authorize", { exact: false }).first().waitFor();
  await page.getByRole("link", { name: "Who did what" }).click();
  const byOperator = page.getByRole("cell", { name: /operator usr_/ }).first();
  await byOperator.waitFor();
  check("no money was taken, so that none can be given back", !(await page.getByRole("button", { name: "Refund" }).isVisible()));
  await page.reload();
  await byOperator.waitFor();
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
}

try {
  await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650, onHand: 500 }]);
  await node.post("/v1/users", operator, await tokenOf(admin));
  await node.post("/v1/webhook-endpoints", { url: "https://127.0.0.1:9/hooks", types: ["order.*"] }, await tokenOf(admin));
  const customer = (await node.post("/v1/auth/register", ada)).access_token;
  await stuckOrders(customer);
  const token = await tokenOf(operator);
  await until("all orders are stuck", async () => (await stuck(token)).length === count);
  const { context, complaints } = await openContext(browser, [new URL(node.url).host]);
  const page = await context.newPage();
  for (const act of [noRight, mend, find, layout, openOne]) {
    await act(page, context, token).catch(async (thrown) => {
      await picture(page, "failed");
      throw new Error(`${act.name}: ${thrown.message}\nthe page says: ${await page.locator("body").innerText()}\n${complaints.join("\n")}`);
    });
    console.log(`${act.name}: ok`);
  }
  // That one order was resolved by a colleague, the browser itself writes on the console.
  const others = complaints.filter((complaint) => !complaint.includes("409 (Conflict)"));
  check(`the pages complain of nothing else: ${others.join("\n")}`, others.length === 0);
} finally {
  await browser.close();
  await node.remove();
}
