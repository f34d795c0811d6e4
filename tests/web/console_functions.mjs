// An admin registers functions in a real browser, calls them, sees one fail, and rolls back; an operator may call them, an observer
// is told which role it needs: console_functions.mjs <waybill binary> <whether web/ is in it>. Skipped (77) where web/ was not
// built, or there is no browser. WAYBILL_TEST_PAGES=<url> takes the pages from there, say `vite dev` before
// WAYBILL_TEST_NODE=<url>, where the test starts its node.
import { checkAccess, keyboardFindings } from "./support/access.mjs";
import { check, openBrowser, openContext, signIn, skip } from "./support/browser.mjs";
import { admin, Node } from "./support/node.mjs";
import { seen } from "./support/seen.mjs";

const [, , binary, hasWeb] = process.argv;
const pages = process.env.WAYBILL_TEST_PAGES;
if (hasWeb === "OFF" && !pages) skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary);
let token = "";
const at = (path) => `${pages ?? node.url}/console${path}`;

const fee = `-- {total, country} in minor units -> the shipping fee
if input.total >= 5000 then
  return 0
end
return input.country == "DE" and 490 or 990
`;
const strict = `-- {total, country} in minor units -> the shipping fee
local fees = {DE = 490, FR = 790}
if input.total >= 5000 then
  return 0
end
local fee = fees[input.country]
if not fee then
  error("there is no fee for " .. tostring(input.country))
end
return fee
`;

const call = async (page, input) => {
  await page.getByLabel("Input").fill(input);
  await page.getByRole("button", { name: /^Call version/ }).click();
};

/// One that is taken, or not written as it must be, is told at its field; then it is there, and is called.
async function add(page) {
  await page.goto(at("/functions"));
  await signIn(page, admin);
  await page.getByRole("link", { name: "calculate-total" }).waitFor();
  check("the title names the page", (await page.title()) === "Functions · Console · Waybill");
  await page.getByRole("button", { name: "Add a function" }).click();
  await page.getByLabel("Name").fill("calculate-total");
  await page.getByRole("button", { name: "Register it" }).click();
  await page.getByText("There is a function of this name already.").waitFor();
  await page.getByLabel("Name").fill("shipping-fee");
  await page.getByLabel("Source").fill("return 1\nreturn 2\n");
  await page.getByRole("button", { name: "Register it" }).click();
  await page.getByText(/^Line 2: /).waitFor();
  const marked = () => page.getByLabel("Source").evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  check("the line that does not compile is selected", (await marked()) === "return 2");
  await page.getByLabel("Source").press("Tab");
  check("the Tab key leaves the source", await page.getByLabel("Called for events").evaluate((field) => field === document.activeElement));
  await page.getByLabel("Called for events").fill("Order.*");
  await page.getByLabel("Source").fill(fee);
  await page.getByRole("button", { name: "Register it" }).click();
  await page.getByText("A type is a word like", { exact: false }).waitFor();
  await seen(page, "function-new");
  await page.getByLabel("Called for events").fill("");
  await page.getByRole("button", { name: "Register it" }).click();
  await page.waitForURL(/functions\/shipping-fee$/);
  await call(page, '{"total": 2800, "country": "DE"}');
  await page.getByText("It returned").waitFor();
  check("it was called", (await page.getByLabel("What it returned").innerText()) === "490");
  await call(page, '{"total": 2800');
  await page.getByText("The body is not valid JSON", { exact: false }).waitFor();
}

/// A new version fails for what the first one knew: the line is shown, and the first one is called again.
async function failAndRollBack(page) {
  await page.goto(at("/functions/shipping-fee"));
  await page.getByRole("button", { name: "Change it" }).click();
  await page.getByLabel("Source").fill(strict);
  await page.getByRole("button", { name: "Register a new version" }).click();
  await page.getByText("Version 2", { exact: true }).waitFor();
  await call(page, '{"total": 2800, "country": "IT"}');
  await page.getByText("The function failed").waitFor();
  const line = 'error("there is no fee for " .. tostring(input.country))';
  await page.getByText(`8: ${line}`).waitFor();
  check("the line is marked in the source", (await page.locator(".source mark").innerText()).trim() === line);
  await seen(page, "function");
  await page.getByRole("button", { name: "Show the source of version 1" }).click();
  await page.getByText("Version 2 is called.", { exact: false }).waitFor();
  await page.waitForURL(/version=1/);
  await page.getByRole("button", { name: "Roll back to version 1" }).click();
  await page.getByRole("button", { name: "Call version 1 again" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByText("Version 1", { exact: true }).waitFor();
  await call(page, '{"total": 2800, "country": "IT"}');
  await page.getByText("It returned").waitFor();
}

/// Triggers and the guard belong to a version, and what a guard answers is told in words. Who edits what somebody else has
/// changed meanwhile overwrites nothing.
async function guard(page) {
  await page.goto(at("/functions/shipping-fee?edit=yes"));
  await page.getByLabel("Called for events").fill("order.delivered, order.cancelled");
  await page.getByLabel("It is asked; when it fails, the order is placed").check();
  await page.getByLabel("Source").fill('if input.order then\n  return {refuse = "Not today."}\nend');
  await page.getByRole("button", { name: "Register a new version" }).click();
  await page.getByText("Guard", { exact: true }).waitFor();
  await page.getByText("order.delivered order.cancelled").waitFor();
  await call(page, '{"order": {}}');
  await page.getByText("The order would be refused with this sentence.").waitFor();
  await page.getByRole("button", { name: "Change it" }).click();
  await node.put("/v1/functions/shipping-fee", { source: "return 7" }, token);
  await page.getByRole("button", { name: "Register a new version" }).click();
  await page.getByText("Somebody else was faster").waitFor();
  await page.getByRole("button", { name: "Leave it" }).click();
  await page.getByText("Version 4", { exact: true }).waitFor();
}

/// An event that the function fails on is skipped, and the page says on which, why and where.
async function skips(page) {
  const source = "if input.event.data.sku then\n  return {notification = {}}\nend";
  await node.put("/v1/functions/welcome", { source, triggers: ["product.*"] }, token);
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  await page.goto(at("/functions/welcome"));
  await page.getByText("0 customers told, 1 skipped", { exact: false }).waitFor();
  await page.getByText("after 3 attempts", { exact: false }).waitFor();
  await page.getByRole("link", { name: "product.created" }).waitFor();
  await checkAccess(page, "what was skipped");
}

async function builtIn(page) {
  await page.goto(at("/functions/calculate-total"));
  await page.getByText("It is always there and cannot be changed.").waitFor();
  await page.getByRole("button", { name: "Call version 1" }).click();
  await page.getByText("It returned").waitFor();
  check("the example is an input for it", (await page.getByLabel("What it returned").innerText()) === "2598");
  const missed = await keyboardFindings(page);
  check(`by keyboard:\n${missed.join("\n")}`, missed.length === 0);
  await node.put("/v1/functions/order-limit", { source: "return true", guard: { on_failure: "refuse" } }, token);
  await page.goto(at("/functions"));
  await page.getByText("before an order is placed, and must not fail").waitFor();
  await seen(page, "functions");
}

/// An operator calls functions and changes none; an observer is told which role it needs.
async function others() {
  const password = "correct horse battery";
  for (const [name, role, act] of [
    ["Olga", "operator", async (page) => {
      await page.getByText("An admin can change it.").waitFor();
      await call(page, "{}");
      await page.getByText("It returned").waitFor();
      const buttons = page.getByRole("main").getByRole("button", { name: /^(Change|Remove|Roll back)/ });
      check("an operator changes no function", (await buttons.count()) === 0);
    }],
    ["Otto", "observer", (page) => page.getByText("It needs the role operator or admin.", { exact: false }).waitFor()],
  ]) {
    const who = { email: `${name}@example.com`, name, password, roles: [role] };
    await node.post("/v1/users", who, token);
    const { context } = await openContext(browser, [new URL(pages ?? node.url).host]);
    const page = await context.newPage();
    await page.goto(at("/functions/shipping-fee"));
    await signIn(page, who);
    await act(page);
    await context.close();
  }
}

async function remove(page) {
  await page.goto(at("/functions/shipping-fee"));
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByText("All its versions are removed", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Remove it" }).click();
  await page.waitForURL(/functions$/);
  await page.getByRole("link", { name: "validate-email" }).waitFor();
  await page.getByRole("link", { name: "shipping-fee" }).waitFor({ state: "detached" });
}

try {
  if (pages) node.url = process.env.WAYBILL_TEST_NODE;
  await node.start();
  token = (await node.post("/v1/auth/login", admin)).access_token;
  const { context, complaints } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const page = await context.newPage();
  for (const act of [add, failAndRollBack, guard, skips, builtIn, others, remove]) {
    await act(page).catch(async (thrown) => {
      throw new Error(`${act.name} at ${page.url()}: ${thrown.message}\n${await page.locator("body").innerText()}\n${complaints.join("\n")}`);
    });
    console.log(`ok: ${act.name}`);
  }
  // A refusal that the test asks for is written on the console by the browser itself.
  const unexpected = complaints.filter((complaint) => !/\b(400|409|412|422)\b.*\/v1\/functions\//.test(complaint));
  check(`nothing is complained of:\n${unexpected.join("\n")}`, unexpected.length === 0);
} finally {
  await browser.close();
  await node.remove();
}
