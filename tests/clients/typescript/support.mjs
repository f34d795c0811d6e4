// What the tests share: the library as it was built, people on a real node, a server that answers as a test says.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { admin, Node, until } from "../../web/support/node.mjs";

export { until };
const built = process.env.WAYBILL_TEST_CLIENT;
export const { BadSignature, Problem, Unreachable, verifyWebhook, Waybill } = await import(pathToFileURL(join(built, "build/lib/index.js")));
export const password = "tea at four o clock";
const patience = 90_000;

/// A node, and its admin.
export class Shop {
  #count = 0;

  static async start(...options) {
    const shop = new Shop();
    shop.node = new Node(process.env.WAYBILL_TEST_BINARY, ["--http-target-latency=0ms", ...options]);
    await shop.node.start();
    shop.url = shop.node.url;
    shop.admin = new Waybill({ url: shop.url, patience });
    await shop.admin.signIn(admin.email, admin.password);
    return shop;
  }

  remove() {
    return this.node.remove();
  }

  product(onHand = 1000) {
    return this.admin.products.create({ sku: `tea-${++this.#count}`, name: "Tea", price: { amount: 475, currency: "EUR" }, on_hand: onHand });
  }

  /// A client of somebody who is new.
  async customer(options = {}) {
    const client = new Waybill({ url: this.url, patience, ...options });
    await client.register(`c${++this.#count}@example.com`, password, "Ada");
    return client;
  }
}

export const orderOf = (product, token = "tok_ok") => ({
  lines: [{ product_id: product.id, quantity: 2 }], payment: token ? { method: "card", token } : { method: "deferred" },
  delivery: { name: "Ada", address: "1 Main Street" },
});

export async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

/// What it is refused with; fails when it is not.
export const refusal = (asked) => asked.then(() => { throw new Error("it is not refused"); }, (error) => error);

/// An example that runs; what it prints is kept by lines.
export class Program {
  lines = [];

  constructor(file, variables) {
    const env = { ...process.env, ...variables };
    this.process = spawn(process.execPath, [join(built, "build/examples", file)], { env, stdio: ["ignore", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
    createInterface({ input: this.process.stdout }).on("line", (line) => this.lines.push(line));
  }

  waitFor(begin) {
    return until(`'${begin}' is printed`, () => this.lines.find((line) => line.startsWith(begin)), () => this.lines.join("\n"));
  }

  /// Its exit code.
  end(signal = "SIGTERM") {
    this.process.kill(signal);
    return this.ended;
  }
}

/// A server that keeps each request and answers with the next answer: [status, headers, body], a text as it is, after which it closes
/// the connection, or null, which closes it without a word.
export class Scripted {
  requests = [];

  static async serve(...answers) {
    const script = new Scripted();
    script.server = createServer(async (request, response) => {
      const pieces = await all(request);
      const body = Buffer.concat(pieces).toString();
      script.requests.push({ method: request.method, path: request.url, headers: request.headers, body });
      const answer = answers.shift();
      if (answer === undefined) return;
      if (answer === null) return request.socket.destroy();
      if (typeof answer === "string") return request.socket.end(answer);
      const [status, headers, content] = answer;
      response.writeHead(status, headers).end(typeof content === "string" ? content : JSON.stringify(content));
    });
    await new Promise((resolve) => script.server.listen(0, "127.0.0.1", resolve));
    script.url = `http://127.0.0.1:${script.server.address().port}`;
    return script;
  }

  /// What each request had in a header.
  headers(name) {
    return this.requests.map(({ headers }) => headers[name]);
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export const problem = (status, code, headers = {}) => [status, { "Content-Type": "application/problem+json", ...headers }, {
  type: `urn:waybill:problem:${code}`, title: "t", status, detail: "the detail", instance: "/", code, request_id: "req_1",
}];

export const session = (number, expires = 900) => [200, {}, {
  user: { id: "usr_1" }, access_token: `access${number}`, refresh_token: `refresh${number}`, token_type: "Bearer", expires_in: expires,
  refresh_expires_at: "2036-01-01T00:00:00Z",
}];

/// An event stream that ends behind these messages.
export const streamOf = (...messages) =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nretry: 1000\n\n: alive\n\n${messages.join("")}`;

export const messageOf = (position) => `id: ${position}\ndata: ${JSON.stringify({ position, type: "order.placed" })}\n\n`;
