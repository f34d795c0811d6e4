// What the first visit of a page costs, compressed: first_load.mjs <waybill binary> <whether web/ is in it>. Skipped (77) where
// web/ was not built.
import { check, skip } from "./support/browser.mjs";
import { Node } from "./support/node.mjs";

const most = 250_000;
const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");

/// The octets that come over the wire.
async function sizeOf(url) {
  const answer = await fetch(url, { headers: { "Accept-Encoding": "gzip" }, method: "HEAD" });
  check(`${url}: ${answer.status}`, answer.ok);
  return Number(answer.headers.get("Content-Length"));
}

const node = new Node(binary);
try {
  await node.start();
  for (const path of ["/", "/shop", "/courier", "/console", "/scenarios"]) {
    const page = await (await fetch(node.url + path)).text();
    // Vite names all that a page loads at once in its head.
    const files = [...page.matchAll(/(?:src|href)="(\/web\/[^"]+)"/g)].map(([, file]) => node.url + file);
    check(`${path} has a script`, files.length > 0);
    const sizes = await Promise.all([node.url + path, ...files].map(sizeOf));
    const sum = sizes.reduce((left, right) => left + right, 0);
    console.log(`${path}: ${sum} octets in ${sizes.length} files`);
    check(`${path} has at most ${most} octets`, sum <= most);
  }
} finally {
  await node.remove();
}
