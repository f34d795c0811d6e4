// An operator looks at the system in a real browser: console_system.mjs <waybill binary> <whether web/ is in it>. Skipped (77)
// where web/ was not built, or there is no browser. With WAYBILL_TEST_SCREENSHOT=<folder> it keeps what it saw there.
// WAYBILL_TEST_PAGES=<url> takes the pages from there, say `vite dev` before a node at WAYBILL_TEST_NODE.
import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { admin, Node } from "./support/node.mjs";
import { seen } from "./support/seen.mjs";

const [, , binary, hasWeb] = process.argv;
const pages = process.env.WAYBILL_TEST_PAGES;
if (hasWeb === "OFF" && !pages) skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary, ["--courier-shortest-delay=100ms", "--courier-longest-delay=200ms"]);
let token = "";
let product = "";
const at = (path) => `${pages ?? node.url}/console${path}`;

const order = (card) => node.post("/v1/orders", {
  lines: [{ product_id: product, quantity: 1 }], payment: { method: "card", token: card }, delivery: { name: "Ada", address: "Main Street 1" },
}, token);

async function overview(page) {
  await page.goto(at("/overview"));
  await signIn(page, admin);
  await page.getByText("All is well").waitFor();
  await page.getByText("1 node up").waitFor();
  // The two arrive without a reload.
  await order("tok_ok");
  await page.getByText("/s", { exact: false }).first().waitFor();
  await order("tok_capture_fails");
  await page.getByText("capture failed", { exact: false }).waitFor();
  await page.getByRole("link", { name: "Open it" }).waitFor();
  await seen(page, "overview");
}

/// How long each step took stands on the overview, of all nodes.
async function latency(page) {
  await page.goto(at("/overview"));
  const steps = page.getByRole("region", { name: "How long each step takes" });
  await steps.getByRole("row").filter({ hasText: "Payment authorised" }).waitFor();
  await steps.getByRole("row").filter({ hasText: "Placed to delivered" }).waitFor();
  await seen(page, "overview");
}

/// The order whose capture fails waits for a person, and its money with it.
async function payments(page) {
  await page.goto(at("/payments"));
  const stuck = page.getByRole("region", { name: /^Waits for a person/ });
  await stuck.getByText("6.50 EUR").first().waitFor();
  await page.getByText("Every question was answered.").waitFor();
  await page.getByRole("region", { name: "Our books and the provider's" }).getByText("They agree", { exact: false }).waitFor();
  await seen(page, "payments");
  await stuck.getByRole("row").nth(1).getByRole("link").click();
  await page.waitForURL(/orders\/ord_.*tab=payment/);
}

async function audit(page) {
  await page.goto(at("/audit"));
  await page.getByRole("region", { name: "Contradictions" }).getByText("None", { exact: true }).waitFor();
  await page.getByRole("region", { name: "What was looked at" }).getByText("Complete", { exact: true }).waitFor();
  await seen(page, "audit");
}

/// Who may only look sees all of it, and nothing that could be pressed; the node would refuse it as well.
async function observer(page) {
  const who = { email: "otto@example.com", name: "Otto Observer", password: "correct horse battery", roles: ["observer"] };
  await node.post("/v1/users", who, token);
  const { id } = await order("tok_capture_fails");
  const { context } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const other = await context.newPage();
  await other.goto(at(`/orders/${id}`));
  await signIn(other, who);
  await other.getByText("Look only").waitFor();
  await other.getByText("Needs attention").first().waitFor();
  await other.getByRole("button", { name: "Export" }).waitFor();
  await seen(other, "look-only");
  const forbidden = /^(Hold|Release|Cancel|Retry|Resolve|Refund|Drain|Stock|Change|Withdraw|Add|Make|Bring|Take|Remove|Play)\b/;
  const looked = [["/orders", "that is all"], [`/orders/${id}`, "As curl"], ["/products", "Earl Grey tea"], ["/couriers", "Couriers"],
                  ["/webhooks", "Webhooks"], ["/sinks", "Sinks"], ["/cluster", "This page talks to it"], ["/payments", "Payments to reconcile"], ["/audit", "Contradictions"],
                  ["/scenarios/1", "Happy path"], ["/log", "Log"]];
  for (const [path, text] of looked) {
    await other.goto(at(path));
    await other.getByRole("main").getByText(text, { exact: false }).first().waitFor();
    // What only opens or filters what is shown, as the steps of an order do, may be called as it likes.
    const acting = other.getByRole("main").getByRole("button", { name: forbidden })
      .and(other.locator(":not([aria-expanded]):not([aria-pressed])"));
    check(`nothing is to be pressed on ${path}`, (await acting.count()) === 0);
    check(`nothing is selected on ${path}`, (await other.getByRole("main").getByRole("checkbox").count()) === 0);
  }
  const { access_token } = await node.post("/v1/auth/login", { email: who.email, password: who.password });
  for (const path of [`/v1/orders/${id}/retry`, `/v1/orders/${id}/cancel`, "/v1/couriers", "/v1/cluster/nodes/x/drain"]) {
    const { status } = await fetch(node.url + path, {
      method: "POST", body: '{"reason":"none"}', headers: { "Content-Type": "application/json", Authorization: `Bearer ${access_token}` },
    });
    check(`${path} is refused: ${status}`, status === 403 || status === 404);
  }
  await context.close();
}

async function log(page) {
  await page.goto(at("/log"));
  await page.getByText("Nothing has happened yet").waitFor();
  const placed = await order("tok_ok");
  await page.getByText("Order completed").first().waitFor();
  await page.getByRole("button", { name: "Read from the beginning" }).click();
  await page.getByText("Product added: Earl Grey tea").first().waitFor();
  await page.getByRole("button", { name: "Payments" }).click();
  await page.waitForURL(/types=payment/);
  await page.getByText("Product added").waitFor({ state: "detached" });
  await page.goto(at(`/log?stream=${placed.id}&after=earliest`));
  await page.getByText("Order placed for 6.50 EUR").click();
  await page.getByRole("heading", { name: "Order placed for 6.50 EUR" }).waitFor();
  await page.waitForURL(/event=evt_ord_/);
  await seen(page, "log");
}

async function products(page) {
  await page.goto(at("/products"));
  await page.getByRole("button", { name: "Change the stock of Earl Grey tea" }).click();
  await page.getByLabel("How many more").fill("-1000");
  await page.getByLabel("Why").fill("a wrong count");
  await page.getByRole("button", { name: "Count it" }).click();
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await page.getByLabel("How many more").fill("25");
  await page.getByRole("button", { name: "Count it" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Change Earl Grey tea" }).click();
  await page.getByLabel("Price in EUR").fill("7.25");
  await page.getByRole("button", { name: "Change it" }).click();
  await page.getByText("7.25 EUR").waitFor();
  await seen(page, "products");
}

async function keys(page) {
  await page.goto(at("/keys"));
  await page.getByText("No keys yet").waitFor();
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByLabel("Name").fill("warehouse");
  await page.getByRole("button", { name: "Make it" }).click();
  const secret = await page.locator(".secret code").innerText();
  check("the key is told once", /^wbk_/.test(secret));
  await page.getByRole("button", { name: "I have kept it" }).click();
  await node.get("/v1/cluster", secret);
  await page.getByRole("button", { name: "Revoke warehouse" }).click();
  await page.getByRole("button", { name: "Revoke it" }).click();
  await page.getByText("Revoked", { exact: true }).waitFor();
  await seen(page, "keys");
}

async function users(page) {
  await page.goto(at("/users"));
  await page.getByRole("button", { name: "Add a user" }).click();
  await page.getByLabel("E-mail address").last().fill("grace@example.com");
  await page.getByLabel("Name", { exact: true }).fill("Grace Hopper");
  await page.getByRole("checkbox", { name: /operator/ }).check();
  await page.getByRole("button", { name: "Add them" }).click();
  await page.getByText("customer, operator").waitFor();
  await page.getByRole("button", { name: "Shut the account of Grace Hopper" }).click();
  await page.getByRole("button", { name: "Shut it" }).click();
  await page.getByRole("button", { name: "Open the account of Grace Hopper" }).waitFor();
  await seen(page, "users");
}

async function scenario(page) {
  await page.goto(at("/scenarios"));
  await page.getByRole("link", { name: /1\. Happy path/ }).click();
  await page.getByRole("button", { name: "Play it" }).click();
  await page.getByText("Passed").waitFor();
  await page.getByText("handed it over", { exact: false }).first().waitFor();
  await page.getByRole("button", { name: "One step back" }).click();
  check("a step back takes the verdict away until the end is there again", !(await page.getByText("Passed").isVisible()));
  await page.getByRole("button", { name: "One step on" }).click();
  await page.getByText("Passed").waitFor();
  await seen(page, "scenario");
}

async function others(page) {
  for (const [path, text] of [["/cluster", "This page talks to it"], ["/actors", "in memory"], ["/couriers", "No couriers yet"], ["/webhooks", "No endpoints yet"]]) {
    await page.goto(at(path));
    await page.getByText(text, { exact: false }).first().waitFor();
    await seen(page, path.slice(1));
  }
}

try {
  if (pages) node.url = process.env.WAYBILL_TEST_NODE;
  else await node.start();
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  token = (await node.post("/v1/auth/login", admin)).access_token;
  product = (await node.get("/v1/products")).items[0].id;
  const { context, complaints } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const page = await context.newPage();
  for (const act of [overview, log, latency, payments, audit, observer, products, keys, users, scenario, others]) {
    await act(page).catch(async (thrown) => {
      await picture(page, `failed-${act.name}`);
      throw new Error(`${act.name} at ${page.url()}: ${thrown.message}\n${complaints.join("\n")}`);
    });
    console.log(`ok: ${act.name}`);
  }
  // A refusal that the test asks for is written on the console by the browser itself.
  const unexpected = complaints.filter((complaint) => !/\b409\b.*\/stock/.test(complaint));
  check(`nothing is complained of:\n${unexpected.join("\n")}`, unexpected.length === 0);
} finally {
  await browser.close();
  await node.remove();
}
