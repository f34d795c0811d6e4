// An admin adds, changes and removes a sink in a real browser: console_sinks.mjs <waybill binary> <whether web/ is in it>. The node
// refuses a broker in the clear on this machine first, and allows it after a restart with --sink-targets=any. Skipped (77) where
// web/ was not built, or there is no browser. WAYBILL_TEST_PAGES=<url> takes the pages from there, say `vite dev` before
// WAYBILL_TEST_NODE=<url>, where the test starts its node.
import { createServer } from "node:net";

import { check, openBrowser, openContext, signIn, skip } from "./support/browser.mjs";
import { admin, Node } from "./support/node.mjs";
import { seen } from "./support/seen.mjs";

const [, , binary, hasWeb] = process.argv;
const pages = process.env.WAYBILL_TEST_PAGES;
if (hasWeb === "OFF" && !pages) skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary, ["--sink-retry-first=50ms"]);
const at = (path) => `${pages ?? node.url}/console${path}`;
// A server that says what no Redis says: nothing gets through to it.
const broker = createServer((socket) => socket.on("error", () => {}).end("-ERR closed for today\r\n"));
await new Promise((resolve) => broker.listen(0, "127.0.0.1", resolve));
const url = `redis://127.0.0.1:${broker.address().port}/0`;

async function refused(page) {
  await page.goto(at("/sinks"));
  await signIn(page, admin);
  await page.getByText("No sinks yet").waitFor();
  await page.getByRole("button", { name: "Add a sink" }).click();
  await page.getByLabel("Redis").check();
  await page.getByLabel("Key of the stream").fill("waybill:events");
  await page.getByLabel("Address").fill("amqps://rabbit.example.com");
  const isFitting = () => page.getByLabel("Address").evaluate((field) => field.validity.valid);
  check("the address of another broker does not fit", !(await isFitting()));
  await page.getByLabel("Address").fill(url);
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByText("Must be by TLS", { exact: false }).waitFor();
  check("the field that is wrong has the focus", await page.getByLabel("Address").evaluate((field) => field === document.activeElement));
  await seen(page, "sink-new");
}

/// The node is started again and allows it, and the form is still there.
async function added(page) {
  await node.stop();
  node.options.push("--sink-targets=any");
  await node.start();
  await page.getByLabel("Types of events").fill("product.* What?");
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByText("A type is a word like", { exact: false }).waitFor();
  await page.getByLabel("Types of events").fill("product.*");
  await page.getByLabel("Password").fill("a secret");
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByRole("link", { name: url }).waitFor();
  await node.stock([{ name: "Earl Grey tea", amount: 650 }, { name: "Ground coffee", amount: 799 }]);
  await page.getByText("Nothing gets through").waitFor();
  await page.getByText("closed for today", { exact: false }).waitFor();
  await page.locator("[data-name=\"to be sent\"]", { hasText: /^2$/ }).waitFor();
  check("the password is nowhere", !(await page.content()).includes("a secret"));
  await seen(page, "sinks");
  await page.getByRole("link", { name: url }).click();
  await page.getByText(/^2 events, the oldest/).waitFor();
  await page.getByText("Failing since").waitFor();
  await seen(page, "sink");
  await page.goto(at("/overview"));
  await page.getByText("Events do not get through to", { exact: false }).waitFor();
  await page.getByRole("link", { name: "Look at the sink" }).click();
}

async function changed(page) {
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByLabel("What it is").fill("of the warehouse");
  await page.getByLabel("No password any more").check();
  await page.getByRole("button", { name: "Change it" }).click();
  await page.getByText("of the warehouse").waitFor();
  await page.getByRole("button", { name: "Switch off" }).click();
  await page.getByRole("button", { name: "Switch it off" }).click();
  await page.getByText("Switched off").waitFor();
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("button", { name: "Switch off" }).waitFor();
}

/// Who may only look sees how it goes, and can press nothing.
async function looked(page) {
  const { access_token } = await node.post("/v1/auth/login", admin);
  const who = { email: "otto@example.com", name: "Otto Observer", password: "correct horse battery", roles: ["observer"] };
  await node.post("/v1/users", who, access_token);
  const { context } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const other = await context.newPage();
  await other.goto(page.url());
  await signIn(other, who);
  await other.getByText("An admin can change it.").waitFor();
  await other.getByText(/^2 events, the oldest/).waitFor();
  check("an observer presses nothing", (await other.getByRole("main").getByRole("button").count()) === 0);
  await context.close();
}

async function removed(page) {
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByText("Redis at", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.waitForURL(/sinks$/);
  await page.getByText("No sinks yet").waitFor();
}

try {
  if (pages) node.url = process.env.WAYBILL_TEST_NODE;
  await node.start();
  const { context, complaints } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const page = await context.newPage();
  for (const act of [refused, added, changed, looked, removed]) {
    await act(page).catch(async (thrown) => {
      throw new Error(`${act.name} at ${page.url()}: ${thrown.message}\n${await page.locator("body").innerText()}\n${complaints.join("\n")}`);
    });
    console.log(`ok: ${act.name}`);
  }
  // What the test asks for: a refusal, and a node that is away for a moment. The browser itself writes both on the console.
  const unexpected = complaints.filter((complaint) =>
    !/\b422\b.*\/v1\/sinks|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|WebSocket connection|\b50[0-9]\b/.test(complaint));
  check(`nothing is complained of:\n${unexpected.join("\n")}`, unexpected.length === 0);
} finally {
  await browser.close();
  await node.remove();
  broker.close();
}
