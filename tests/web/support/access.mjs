// What axe-core finds on a page that people with a disability could not use, and what somebody with a keyboard only reaches.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { check } from "./browser.mjs";

const ofWeb = createRequire(new URL("../../../web/package.json", import.meta.url));
const isSerious = ({ impact }) => impact === "serious" || impact === "critical";
/// A rule of the Web Content Accessibility Guidelines; others are axe-core's own advice.
const isOfStandard = ({ tags }) => tags.some((tag) => tag.startsWith("wcag"));

async function findings(page, counts) {
  // As the browser's own tools do it: the page's Content-Security-Policy allows no script that is written into it.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(readFileSync(ofWeb.resolve("axe-core/axe.min.js"), "utf8"));
  // A colour in the middle of its change is nobody's choice.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
      .map((each) => each.finished.catch(() => {}))));
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return violations.filter(counts).map(({ id, help, nodes }) =>
    `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join("\n")}`);
}

/// Fails when axe-core finds something serious on the page as it is now, in open shadow roots too.
export async function checkAccess(page, name) {
  const said = await findings(page, isSerious);
  check(`${name}: axe-core finds\n${said.join("\n")}`, said.length === 0);
}

/// What breaks a rule of the standard, however little, and what else is serious.
export const allFindings = (page) => findings(page, (violation) => isOfStandard(violation) || isSerious(violation));

/// What the Tab key does not reach, or reaches without showing it, from the beginning of the page to its end. Of a page that
/// has changed on the way, which makes it say nothing, the next look is taken.
export async function keyboardFindings(page) {
  const mostLooks = 5;
  for (let look = 1; ; ++look) {
    const findings = await keyboardFindingsOnce(page);
    const hasChanged = await page.evaluate(() => {
      const before = globalThis.waybillAll;
      const after = globalThis.waybillControls();
      return after.length !== before.length || after.some((element, at) => element !== before[at]);
    });
    if (findings.length === 0 || !hasChanged || look === mostLooks) return findings;
  }
}

/// Gives the page waybillControls(): what its keyboard has to reach.
const defineControls = (page) => page.evaluate(() => {
  globalThis.waybillControls = () => {
    const reached = [];
    const look = (root) => {
      for (const element of root.querySelectorAll("*")) {
        const isControl = element.matches("a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex='0']");
        if (isControl && element.checkVisibility({ visibilityProperty: true }) && element.tabIndex >= 0) reached.push(element);
        if (element.shadowRoot) look(element.shadowRoot);
      }
    };
    look(document);
    // Of the choices of one question the keyboard reaches the chosen one, and the arrows the others.
    return reached.filter((element) => element.type !== "radio" || element.checked
      || !reached.some((other) => other.type === "radio" && other.name === element.name && other.checked));
  };
});

async function keyboardFindingsOnce(page) {
  await defineControls(page);
  const count = await page.evaluate(() => {
    const wanted = globalThis.waybillControls();
    globalThis.waybillWanted = new Set(wanted);
    globalThis.waybillAll = wanted;
    document.activeElement?.blur();
    scrollTo(0, 0);
    return wanted.length;
  });
  const unseen = new Set();
  // The browser may begin anywhere, and begins anew where a page has taken the focused element away; so often it has been
  // everywhere.
  const mostSteps = 2 * count + 5;
  for (let step = 0, missing = count; step < mostSteps && missing > 0; ++step) {
    await page.keyboard.press("Tab");
    const { hidden, left } = await page.evaluate(() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      if (!at || at === document.body) return { hidden: "", left: globalThis.waybillWanted.size };
      globalThis.waybillWanted.delete(at);
      const isMarked = (element) => element instanceof Element
        && (Number.parseFloat(getComputedStyle(element).outlineWidth) > 0 && getComputedStyle(element).outlineStyle !== "none");
      const { width, height, left, top } = at.getBoundingClientRect();
      const isThere = width > 0 && height > 0 && left < innerWidth && top < innerHeight && left + width > 0 && top + height > 0;
      const isSeen = isThere && (isMarked(at) || isMarked(at.parentElement));
      return { hidden: isSeen ? "" : at.outerHTML.slice(0, 200), left: globalThis.waybillWanted.size };
    });
    missing = left;
    if (hidden) unseen.add(`the focus is not seen: ${hidden}`);
  }
  const missed = await page.evaluate(() => [...globalThis.waybillWanted].map((element) => `not reached: ${element.outerHTML.slice(0, 200)}`));
  return [...unseen, ...missed];
}
