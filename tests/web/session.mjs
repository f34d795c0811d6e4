// Somebody signs in, by keyboard and on a phone, and the session lives, ends, and ends elsewhere: session.mjs <waybill binary>
// <whether web/ is in it>. Skipped (77) where web/ was not built, or there is no browser.
import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

const browser = await openBrowser();
// Short, so that tokens end while the test looks on.
const node = new Node(binary, ["--auth-access-lifetime=4s", "--auth-leeway=0ms"]);
const demo = new Node(binary, [], { isGuarded: false });
const kept = (page) => page.evaluate(() => localStorage.getItem("waybill.refresh_token"));
const stories = (page) => page.getByRole("heading", { name: "1. Happy path" });

/// As a user with a keyboard only.
async function enter(page, password) {
  const email = page.getByLabel("E-mail address");
  await email.fill("");
  await email.focus();
  await page.keyboard.type(admin.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
}

const refresh = async (token) =>
  (await fetch(`${node.url}/v1/auth/refresh`, { method: "POST", headers: { "Content-Type": "application/json" },
                                                body: JSON.stringify({ refresh_token: token }) })).status;

async function form(page) {
  await page.goto(`${node.url}/scenarios`);
  const email = page.getByLabel("E-mail address");
  await email.waitFor();
  check("the first field has the focus", await email.evaluate((input) => input.getRootNode().activeElement === input));
  check("nothing else is shown", !(await stories(page).isVisible()));
  for (const [label, word] of [["E-mail address", "username"], ["Password", "current-password"]])
    check(`${label} is known to a password manager`, (await page.getByLabel(label).getAttribute("autocomplete")) === word);
  await checkAccess(page, "the form");
  await picture(page, "scenarios-signed-out");
}

async function phone(page) {
  await page.setViewportSize({ width: 360, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check(`nothing is wider than a phone: ${width}`, width <= 360);
  const size = await page.getByLabel("E-mail address").evaluate((input) => Number.parseFloat(getComputedStyle(input).fontSize));
  check(`a field is not so small that a phone zooms in: ${size}`, size >= 16);
  const { height } = await page.getByRole("button", { name: "Sign in" }).boundingBox();
  check(`the button is large enough for a thumb: ${height}`, height >= 40);
}

async function wrongPassword(page) {
  await enter(page, "wrong horse battery");
  await page.getByRole("alert").getByText("The e-mail address or the password is not right.").waitFor();
  check("the password can be typed anew", await page.getByLabel("Password").evaluate((input) => input.getRootNode().activeElement === input));
  await page.setViewportSize({ width: 1280, height: 800 });
}

async function signedIn(page) {
  await page.getByLabel("Password").fill("");
  await enter(page, admin.password);
  await stories(page).waitFor();
  const stored = await page.evaluate(() => JSON.stringify([Object.keys(sessionStorage), Object.keys(localStorage), document.cookie]));
  check(`nothing but the refresh token is kept: ${stored}`, stored === '[[],["waybill.refresh_token"],""]');
  check("and it is one", (await kept(page)).startsWith("wbr_"));
}

/// The connection stays open longer than its first token, and later changes are still shown.
async function renewed(page) {
  let sockets = 0;
  page.on("websocket", () => (sockets += 1));
  await page.goto(`${node.url}/console/log`);
  await page.getByText("Live", { exact: true }).waitFor();
  const seen = new Set();
  await until("the session is renewed before its token ends", async () => seen.add(await kept(page)).size >= 4);
  await node.stock([{ name: "Earl Grey tea", amount: 650 }]);
  await page.getByText("Product added: Earl Grey tea").first().waitFor();
  check(`the connection never broke: ${sockets}`, sockets === 1);
}

async function signedOut(page) {
  await page.goto(`${node.url}/scenarios`);
  await stories(page).waitFor();
  const token = await kept(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("E-mail address").waitFor();
  check("no token is kept", (await kept(page)) === null);
  check("the session has ended at the node too", (await refresh(token)) === 401);
}

async function endedElsewhere(page) {
  await enter(page, admin.password);
  await stories(page).waitFor();
  // As after a new password: the next renewal is refused.
  const { status } = await fetch(`${node.url}/v1/auth/logout`, { method: "POST", headers: { "Content-Type": "application/json" },
                                                                 body: JSON.stringify({ refresh_token: await kept(page) }) });
  check(`the session is ended: ${status}`, status === 204);
  await page.getByLabel("E-mail address").waitFor();
  await enter(page, admin.password);
  await stories(page).waitFor();
}

async function signOutAgain(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("E-mail address").waitFor();
}

/// A user who has forgotten their password has a code from an administrator: in the shop, and where a role is needed.
async function forgotten(page) {
  const kim = { email: "kim@example.com", name: "Kim Li", roles: ["courier"] };
  const root = async () => (await node.post("/v1/auth/login", admin)).access_token;
  const { id } = await node.post("/v1/users", kim, await root());
  await node.post("/v1/couriers", { name: kim.name, user_id: id }, await root());
  for (const [index, place] of ["/shop/sign-in", "/courier", "/console", "/scenarios"].entries()) {
    const { code } = await node.post(`/v1/users/${id}/password-reset`, undefined, await root());
    await page.goto(node.url + place);
    await page.getByRole("button", { name: "Forgot your password?" }).click();
    await page.getByRole("heading", { name: "Set a new password" }).waitFor();
    await page.getByLabel("E-mail address").fill(kim.email);
    await page.getByLabel("New password").fill(`a new password ${index}`);
    await page.getByLabel("Code").fill(`${code.slice(0, -1)}${code.endsWith("A") ? "B" : "A"}`);
    await page.keyboard.press("Enter");
    await page.getByText("This code does not work", { exact: false }).waitFor();
    check("the code has the focus", await page.getByLabel("Code").evaluate((input) => input.getRootNode().activeElement === input));
    if (index === 0) {
      await checkAccess(page, "a new password");
      await picture(page, "new-password");
    }
    // Copied with surrounding text.
    await page.getByLabel("Code").fill(` ${code} `);
    await page.keyboard.press("Enter");
    await page.getByLabel("Code").waitFor({ state: "detached" });
    await node.post("/v1/auth/login", { email: kim.email, password: `a new password ${index}` });
    await until(`they are signed in at ${place}`, async () => (await kept(page)) !== null);
    await page.evaluate(() => localStorage.clear());
  }
  // A code of another account than the e-mail address: the password is set, and that account signs in.
  const { code } = await node.post(`/v1/users/${id}/password-reset`, undefined, await root());
  await page.goto(`${node.url}/shop/sign-in`);
  await page.getByRole("button", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail address").fill("somebody@example.com");
  await page.getByLabel("Code").fill(code);
  await page.getByLabel("New password").fill("a new password 9");
  await page.keyboard.press("Enter");
  await page.getByText("Your new password is set. Sign in with it.").waitFor();
  await page.getByLabel("E-mail address").fill(kim.email);
  await page.getByLabel("Password").fill("a new password 9");
  await page.keyboard.press("Enter");
  await page.getByLabel("Password").waitFor({ state: "detached" });
}

async function withoutToken(context) {
  const page = await context.newPage();
  await demo.start();
  await page.goto(`${demo.url}/scenarios`);
  await stories(page).waitFor();
  check("where nobody needs a token nobody is asked", !(await page.getByLabel("E-mail address").isVisible()) && (await kept(page)) === null);
  await page.close();
}

try {
  await node.start();
  const hosts = [new URL(node.url).host];
  const { context, complaints } = await openContext(browser, hosts);
  const page = await context.newPage();
  for (const act of [form, phone, wrongPassword, signedIn, renewed, signedOut, endedElsewhere, signOutAgain, forgotten]) {
    await act(page).catch(async (thrown) => {
      await picture(page, `failed-${act.name}`);
      throw new Error(`${act.name} at ${page.url()}: ${thrown.message}\n${complaints.join("\n")}`);
    });
    console.log(`ok: ${act.name}`);
  }
  const other = await openContext(browser, []);
  await withoutToken(other.context);
  // The wrong password, the wrong code, and the session that has ended, the browser itself writes on the console.
  const others = complaints.filter((complaint) => !/401.*\/v1\/auth\/(login|refresh|password-reset)$/.test(complaint));
  check(`the pages complain of nothing else: ${others.join("\n")}`, others.length === 0);
} finally {
  await browser.close();
  await node.remove();
  await demo.remove();
}
