// A real browser, Debian's, by playwright-core, which web/ has among its packages.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const ofWeb = createRequire(new URL("../../../web/package.json", import.meta.url));
const skipped = 77;

/// Ends the test as skipped, and says why.
export function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(skipped);
}

/// The browser's file, or what is `missing` for a browser to open.
export function findBrowser() {
  if (!existsSync(new URL("../../../web/node_modules/playwright-core", import.meta.url)))
    return { missing: "npm's packages are not there; scripts/setup.sh fetches them" };
  for (const name of ["chromium-headless-shell", "chromium"])
    try {
      return { executablePath: execFileSync("which", [name], { encoding: "utf8" }).trim() };
    } catch {
      // The next one.
    }
  return { missing: "there is no chromium-headless-shell" };
}

export async function openBrowser() {
  const { executablePath, missing } = findBrowser();
  if (missing) skip(missing);
  const { chromium } = ofWeb("playwright-core");
  // Nothing but this machine can be reached.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });
}

/// A context in which every complaint of a page is kept: an error on its console, an exception, a request to another host, a
/// breach of its Content-Security-Policy (which Chromium writes on the console).
export async function openContext(browser, hosts, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(30_000);
  const complaints = [];
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && !hosts.includes(host)) complaints.push(`a request to ${request.url()}`);
  });
  context.on("console", (message) => {
    // A page asks whether it needs a session; that it does, the browser itself writes on the console.
    if (message.location().url.endsWith("/v1/me") && message.text().includes("401")) return;
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console: ${message.text()} ${message.location().url}`);
  });
  context.on("weberror", (error) => complaints.push(`exception: ${error.error().stack}`));
  return { context, complaints };
}

/// Saves screenshots, at the width of a desktop and of a phone, in the folder WAYBILL_TEST_SCREENSHOT.
export async function picture(page, name) {
  const folder = process.env.WAYBILL_TEST_SCREENSHOT;
  if (!folder) return;
  const size = page.viewportSize();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize(size);
}

/// Signs in where the page asks for it.
export async function signIn(page, { email, password }) {
  const start = page.getByRole("main").getByRole("link", { name: "Sign in" });
  await start.or(page.getByLabel("E-mail address")).first().waitFor();
  if (await start.isVisible()) await start.click();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Password").press("Enter");
  await page.getByLabel("Password").waitFor({ state: "detached" });
}

export function check(claim, holds) {
  if (!holds) throw new Error(claim);
}
