// An operator mends fifty stuck orders at once, in a real browser: operator.mjs <waybill binary> <whether web/ is in it>. Skipped (77)
// where web/ was not built, or there is no browser. With WAYBILL_TEST_SCREENSHOT=<folder> it keeps what it saw there.
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
const node = new Node(binary, ["--courier-shortest-delay=10ms", "--courier-longest-delay=20ms"]);

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
  await page.getByText("It needs the role operator or admin").waitFor();
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
  await page.getByText(`${count - 1} done`).waitFor();
  await page.getByText("1 refused", { exact: false }).first().waitFor();
  check("the one that was refused is named", (await page.getByRole("list", { name: "Refused" }).innerText()).includes(first.id.slice(-4)));
  await picture(page, "console-bulk-done");
  await page.getByRole("button", { name: "Close", exact: true }).click();
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
  await page.getByLabel("Waits for").selectOption("operator");
  await page.getByText("No order fits").waitFor();
  check("the filter stands in the address", page.url().includes("waits=operator"));
  await page.getByRole("link", { name: "Retrying" }).click();
  await page.waitForURL(/retrying=/);
  await page.getByText("No order fits").waitFor();
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
  await page.getByRole("link", { name: "Payment" }).click();
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
  const customer = (await node.post("/v1/auth/register", ada)).access_token;
  await stuckOrders(customer);
  const token = await tokenOf(operator);
  await until("all orders are stuck", async () => (await stuck(token)).length === count);
  const { context, complaints } = await openContext(browser, [new URL(node.url).host]);
  const page = await context.newPage();
  for (const act of [noRight, mend, find, openOne]) {
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
