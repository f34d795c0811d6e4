// Two gateways behind one address, as a load balancer has them; one ends, and an open page goes on with the other, signed in and
// missing nothing: gateways.mjs <waybill binary> <whether web/ is in it>. Skipped (77) where web/ was not built, or there is no
// browser or no PostgreSQL.
import { connect, createServer } from "node:net";

import { check, openBrowser, openContext, picture, signIn, skip } from "./support/browser.mjs";
import { admin, Node, until } from "./support/node.mjs";
import { Postgres } from "./support/postgres.mjs";

const [, , binary, hasWeb] = process.argv;
if (hasWeb === "OFF") skip("web/ was not built: npm's packages were not there");
if (!Postgres.isThere()) skip("there is no PostgreSQL");

const browser = await openBrowser();
const database = new Postgres();
const nodes = [];
/// To which a connection goes: the first that takes it.
const order = [];
const balancer = createServer((client) => {
  const tryNext = ([next, ...others]) => {
    if (!next) return client.destroy();
    const { hostname, port } = new URL(next.url);
    const server = connect(Number(port), hostname);
    const giveUp = () => tryNext(others);
    server.once("error", giveUp);
    server.once("connect", () => {
      server.off("error", giveUp);
      server.on("error", () => client.destroy());
      client.on("error", () => server.destroy());
      client.pipe(server).pipe(client);
    });
    return undefined;
  };
  client.on("error", () => undefined);
  tryNext([...order]);
});

const bought = (product_id, token) => nodes[1].post("/v1/orders", {
  lines: [{ product_id, quantity: 1 }], payment: { method: "card", token: "tok_ok" }, delivery: { name: "Ada", address: "Main Street 1" },
}, token);

try {
  const store = await database.start();
  for (const name of ["gateway-1", "gateway-2"]) nodes.push(new Node(binary, [`--name=${name}`], { store }));
  // One after the other: the first makes the tables.
  for (const node of nodes) await node.start();
  order.push(...nodes);
  await new Promise((resolve) => balancer.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${balancer.address().port}`;
  await nodes[0].stock([{ name: "Earl Grey tea", amount: 650 }]);
  const { access_token } = await nodes[1].post("/v1/auth/login", admin);
  const { items: [{ id: product }] } = await nodes[1].get("/v1/products");

  const { context, complaints } = await openContext(browser, [new URL(url).host]);
  const page = await context.newPage();
  await page.goto(`${url}/console/log?types=order.placed+order.completed`);
  await signIn(page, admin);
  await page.getByText("Live", { exact: true }).waitFor();
  const before = await bought(product, access_token);
  const completed = (id) => page.getByRole("list", { name: "Events" }).getByRole("listitem").filter({ hasText: "order.completed" }).filter({ hasText: id.slice(-4) });
  await completed(before.id).waitFor();

  // Changes while the page has no gateway are shown afterwards: the remaining gateway accepts the order.
  await nodes[0].stop();
  const meanwhile = await bought(product, access_token);
  await completed(meanwhile.id).waitFor({ timeout: 90_000 });
  await page.getByText("Live", { exact: true }).waitFor();
  check("what was on the page stays", await completed(before.id).isVisible());
  check("nobody was asked to sign in again", !(await page.getByLabel("Password").isVisible()));
  // And it can act as before: all gateways know its session.
  await page.getByRole("link", { name: "Cluster" }).click();
  await page.getByText("gateway-2").first().waitFor();
  await until("the other one is known to be gone", async () => (await nodes[1].get("/v1/cluster", access_token)).nodes.every(({ node, state }) => node !== "gateway-1" || state !== "up"));
  await picture(page, "gateway-gone");
  await page.reload();
  await page.getByText("This page talks to it").waitFor();
  check("a page that is opened again is still signed in", !(await page.getByLabel("Password").isVisible()));
  // That a gateway is gone, the browser itself writes on the console.
  const others = complaints.filter((complaint) => !/ERR_(CONNECTION|EMPTY_RESPONSE|INCOMPLETE)|WebSocket connection|50[234]/.test(complaint));
  check(`the page complains of nothing else: ${others.join("\n")}`, others.length === 0);
  console.log("ok");
} finally {
  await browser.close();
  balancer.close();
  for (const node of nodes) await node.remove();
  database.remove();
}
