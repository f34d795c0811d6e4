// A page of the console as it is now: what axe-core says, pictures, and its width on a phone.
import { checkAccess } from "./access.mjs";
import { check, picture } from "./browser.mjs";

export async function seen(page, name) {
  await checkAccess(page, name);
  await picture(page, `console-${name}`);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 800 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check(`${name} is not wider than a phone: ${width}`, width <= 390);
  await page.setViewportSize(size);
}
