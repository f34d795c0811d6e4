// A scenario is seen while it happens, and again afterwards: scenarios.mjs <waybill binary> <whether web/ is in it>. Skipped (77)
// where web/ was not built, or there is no browser. WAYBILL_TEST_PAGES=<url> takes the
// pages from there, say `vite dev` before WAYBILL_TEST_NODE=<url>, where the test starts its node.
import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { admin, Node } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
const pages = process.env.WAYBILL_TEST_PAGES;
if (hasWeb === "OFF" && !pages) skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
const node = new Node(binary);
const at = (path) => `${pages ?? node.url}${path}`;
const runs = [];

/// The page does not get the end of the run until `letGo` is called: until then it shows live events only.
async function holdBack(page) {
  let letGo;
  const gate = new Promise((resolve) => (letGo = resolve));
  await page.route("**/v1/scenario-runs/*", async (route) => {
    await gate;
    await route.continue();
  });
  return letGo;
}

async function list(page) {
  await page.goto(at("/scenarios"));
  await signIn(page, admin);
  await page.getByRole("link", { name: "1. Happy path" }).waitFor();
  await page.getByText("Not here").first().waitFor();
  await checkAccess(page, "scenarios");
  await picture(page, "scenarios");
}

async function live(page) {
  const letGo = await holdBack(page);
  await page.getByRole("link", { name: "1. Happy path" }).click();
  await page.getByText("Order placed for 28.00 EUR").waitFor();
  await page.getByText("handed it over").waitFor();
  await page.getByText("Order completed").waitFor();
  await page.getByText("2 taken off the stock").waitFor();
  check("no report is there yet", !(await page.getByRole("heading", { name: "Checks" }).isVisible()));
  await page.getByRole("region", { name: "Now" }).getByText("Delivered").waitFor();
  await checkAccess(page, "a story under way");
  await picture(page, "scenario-live");
  letGo();
  await page.getByText("Passed").waitFor();
  await page.getByText("two pizzas left the house").waitFor();
  check("the run stands in the address", /\/scenario\/1\?run=run_/.test(page.url()));
  await checkAccess(page, "a story");
  await picture(page, "scenario-report");
}

async function replay(page) {
  const count = page.getByRole("status").filter({ hasText: / of \d+/ });
  const all = /of (\d+)/.exec(await count.innerText())[1];
  await page.getByRole("button", { name: "One step back" }).click();
  check("a step back", (await count.innerText()) === `${all - 1} of ${all}`);
  check("takes the verdict away until the end is there again", !(await page.getByText("Passed").isVisible()));
  await page.getByRole("button", { name: "1×", exact: true }).click();
  await page.getByText("Passed").waitFor();
  await page.getByText("The report, step by step").click();
  await page.getByText("Pizza Margherita, 10 on hand", { exact: false }).waitFor();
}

async function again(page) {
  const before = runs.length;
  await page.reload();
  await page.getByText("Passed").waitFor();
  await page.getByText("Order placed for 28.00 EUR").waitFor();
  check("a page that is opened again plays nothing", runs.length === before && before === 1);
  await page.getByRole("button", { name: "Play it again" }).click();
  await page.getByText("Playing", { exact: true }).or(page.getByText("Passed")).first().waitFor();
  await page.getByText("Passed").waitFor();
  check("once more, and once only", runs.length === 2);
}

async function crowd(page) {
  const letGo = await holdBack(page);
  await page.goto(at("/scenario/10"));
  await page.getByText("1000 orders. 10 delivered, 990 refused").waitFor();
  const rows = await page.locator(".lanes li").count();
  check(`of a crowd, five orders are drawn: ${rows} rows`, rows > 5 && rows < 200);
  await picture(page, "scenario-crowd");
  letGo();
  await page.getByText("Passed").waitFor();
  await page.getByText("The first 5 of 1000 orders are drawn.").waitFor();
}

/// What breaks something is not played on a node that does not want it, and a wrong address is told so.
async function notHere(page) {
  await page.goto(at("/scenario/8"));
  await page.getByText("It cannot be played here: this story breaks things on purpose", { exact: false }).waitFor();
  await checkAccess(page, "an obstacle");
  await page.goto(at("/scenario/99"));
  await page.getByText("There is no such scenario").waitFor();
  await page.goto(at("/scenario/1?run=run_00000000000000000000"));
  await page.getByText("There is nothing here").waitFor();
  check("none of these was played", runs.length === 3);
}

async function phone(page) {
  await page.setViewportSize({ width: 360, height: 640 });
  for (const path of ["/scenarios", "/scenario/3"]) {
    await page.goto(at(path));
    await page.getByText(path === "/scenarios" ? "1. Happy path" : "Passed").first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    check(`${path} is not wider than a phone: ${width}`, width <= 360);
  }
}

/// A client that is no browser gets the answer of the API document.
async function programs() {
  const { access_token } = await node.post("/v1/auth/login", admin);
  const report = await node.get("/scenario/3", access_token);
  check("a program gets the report", report.verdict === "pass" && report.scenario === 3);
}

try {
  if (pages) node.url = process.env.WAYBILL_TEST_NODE;
  await node.start();
  const { context, complaints } = await openContext(browser, [new URL(pages ?? node.url).host]);
  const page = await context.newPage();
  page.on("request", (request) => request.method() === "POST" && request.url().endsWith("/runs") && runs.push(request.url()));
  for (const act of [list, live, replay, again, crowd, notHere, phone, programs]) {
    await act(page).catch(async (thrown) => {
      await picture(page, `failed-${act.name}`);
      throw new Error(`${act.name} at ${page.url()}: ${thrown.message}\n${complaints.join("\n")}`);
    });
    console.log(`ok: ${act.name}`);
  }
  // That there is no such run, the browser itself writes on the console.
  const others = complaints.filter((complaint) => !/404.*\/v1\/scenario-runs\/run_0/.test(complaint));
  check(`the pages complain of nothing else: ${others.join("\n")}`, others.length === 0);
} finally {
  await browser.close();
  await node.remove();
}
