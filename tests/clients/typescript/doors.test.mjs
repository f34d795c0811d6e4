// The blocks of `js` in docs/doors.md, but those about RPC (contract.rpc), run as they stand there; what they print stands behind them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { Node } from "../../web/support/node.mjs";
import { Waybill } from "./support.mjs";

test("the examples print what stands behind them", async (t) => {
  const [text] = readFileSync(new URL("../../../docs/doors.md", import.meta.url), "utf8").split("\n## RPC\n");
  const blocks = [...text.matchAll(/^```js\n(.*?)^```\n+```text\n(.*?)^```$/gms)];
  assert.equal(blocks.length, text.split("```js").length - 1, "a block says not what it prints");
  assert.ok(blocks.length > 0);
  const node = new Node(process.env.WAYBILL_TEST_BINARY, [], { isGuarded: false });
  t.after(() => node.remove());
  await node.start();
  // The first product of the examples is Python's.
  await new Waybill({ url: node.url }).products.create({ sku: "assam-1", name: "Assam tea", price: { amount: 475, currency: "EUR" }, on_hand: 1 });
  for (const [number, [, code, printed]] of blocks.entries()) {
    // Within the package, where its own name leads to it.
    const file = join(process.env.WAYBILL_TEST_CLIENT, `door-${number}.mjs`);
    writeFileSync(file, code.replaceAll("http://127.0.0.1:4000", node.url));
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    assert.equal(stdout, printed);
  }
});
