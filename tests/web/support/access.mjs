// What axe-core finds on a page that people with a disability could not use.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { check } from "./browser.mjs";

const ofWeb = createRequire(new URL("../../../web/package.json", import.meta.url));

/// Fails when axe-core finds something serious on the page as it is now, in open shadow roots too.
export async function checkAccess(page, name) {
  // As the browser's own tools do it: the page's Content-Security-Policy allows no script that is written into it.
  await page.evaluate(readFileSync(ofWeb.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const said = serious.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join("\n")}`);
  check(`${name}: axe-core finds\n${said.join("\n")}`, serious.length === 0);
}
