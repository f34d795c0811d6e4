// An operator takes a node out of service in a real browser, and sees before what it means: drain.mjs <waybill binary> <whether
// web/ is in it>. Skipped (77) where web/ was not built, or there is no browser or no PostgreSQL.
import { checkAccess } from "./support/access.mjs";
import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";
import { Postgres } from "./support/postgres.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");
if (!Postgres.isThere()) skip("there is no PostgreSQL");

const browser = await openBrowser();
const database = new Postgres();
const nodes = [];
const names = ["node-1", "node-2"];

const shardsOf = async (token, owner) => {
  const { roles } = await nodes[0].get("/v1/cluster/shards", token);
  return roles.reduce((sum, { owners, shards }) => sum + shards.filter((at) => owners[at] === owner).length, 0);
};

try {
  const store = await database.start();
  for (const name of names) nodes.push(new Node(binary, [`--name=${name}`], { store }));
  // One after the other: the first makes the tables.
  for (const node of nodes) await node.start();
  await nodes[0].stock([{ name: "Earl Grey tea", amount: 650 }]);
  const { access_token: token } = await nodes[0].post("/v1/auth/login", admin);
  const { items: [{ id: product }] } = await nodes[0].get("/v1/products");
  await until("both own shards", async () => (await shardsOf(token, "node-1")) > 0 && (await shardsOf(token, "node-2")) > 0);

  const { context, complaints } = await openContext(browser, [new URL(nodes[0].url).host]);
  const page = await context.newPage();
  await page.goto(`${nodes[0].url}/console/cluster`);
  await signIn(page, admin);
  const shards = page.getByRole("region", { name: "Shards by owner" });
  const ofOrders = shards.getByRole("img", { name: /^order: node-1 \d+ shards, node-2 \d+ shards$/ });
  await ofOrders.waitFor();
  await checkAccess(page, "a cluster of two");
  await picture(page, "console-shards");

  // What it means is said first, and nothing is done before it is confirmed.
  await page.getByRole("button", { name: "Drain node-2" }).click();
  const dialog = page.getByRole("dialog", { name: "Take node-2 out of service?" });
  await dialog.getByText(/^order: \d+ shards go to node-1$/).waitFor();
  await checkAccess(page, "the dialog of a drain");
  await picture(page, "console-drain");
  await dialog.getByRole("button", { name: "Leave it in service" }).click();
  check("it is still there", (await shardsOf(token, "node-2")) > 0);
  await page.getByRole("button", { name: "Drain node-2" }).click();
  await dialog.getByRole("button", { name: "Drain it" }).click();
  await dialog.waitFor({ state: "detached" });
  await shards.getByRole("img", { name: "order: node-1 1024 shards" }).waitFor();
  await page.getByRole("button", { name: "Drain node-2" }).waitFor({ state: "detached" });
  check("the other one owns all", (await shardsOf(token, "node-2")) === 0);

  // The last one is not to be spared, and the page says why.
  await page.getByRole("button", { name: "Drain node-1" }).click();
  await page.getByText("It cannot be spared").waitFor();
  check("it cannot be pressed", await page.getByRole("button", { name: "Drain it" }).isDisabled());
  await page.keyboard.press("Escape");
  const refused = await fetch(`${nodes[0].url}/v1/cluster/nodes/node-1/drain`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
  check(`the node refuses it as well: ${refused.status}`, refused.status === 409);

  const order = await nodes[0].post("/v1/orders", {
    lines: [{ product_id: product, quantity: 1 }], payment: { method: "card", token: "tok_ok" }, delivery: { name: "Ada", address: "Main Street 1" },
  }, token);
  await until("orders go on", async () => (await nodes[0].get(`/v1/orders/${order.id}`, token)).status === "completed");
  // The page may ask for the load of the node in the moment in which it has gone.
  const others = complaints.filter((complaint) => !/404 .*\/v1\/actors\?node=node-2/.test(complaint));
  check(`the page complains of nothing: ${others.join("\n")}`, others.length === 0);
  console.log("ok");
} finally {
  await browser.close();
  for (const node of nodes) await node.remove();
  database.remove();
}
