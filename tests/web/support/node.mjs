// A node of its own for a test, on free ports of the loopback interface.
import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const patienceMs = 60_000;
export const admin = { email: "admin@example.com", password: "correct horse battery" };
const calm = ["--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0"];
const guarded = ["--auth=required", `--admin-email=${admin.email}`, `--admin-password=${admin.password}`,
                 "--password-passes=1", "--password-memory=1048576", "--http-rate-auth=off"];

/// Waits until `holds` gives something, and gives it.
export async function until(claim, holds, saysWhatIsThere = () => "") {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const got = await holds();
    if (got) return got;
    await pause(50);
  }
  throw new Error(`${claim}: not within ${patienceMs / 1000} s ${await saysWhatIsThere()}`);
}

export class Node {
  #process;
  #folder = mkdtempSync(join(tmpdir(), "waybill-web-"));
  url = "";

  /// `isGuarded`: everybody must sign in. `store`: of several nodes; by default it has one of its own.
  constructor(binary, options = [], { isGuarded = true, store } = {}) {
    this.binary = binary;
    this.store = store ?? `sqlite:${this.#folder}/waybill.db`;
    this.options = isGuarded ? [...calm, ...guarded, ...options] : [...calm, ...options];
  }

  /// Starts it, or starts it again with the same store; then on the port that it had.
  async start() {
    const log = join(this.#folder, "node.log");
    const out = openSync(log, "w");
    const http = this.url ? new URL(this.url).host : "127.0.0.1:0";
    this.#process = spawn(this.binary, ["node", `--http=${http}`, "--listen=127.0.0.1:0", `--store=${this.store}`,
                                        ...this.options], { stdio: ["ignore", out, out] });
    await until("the node gets ready", async () => {
      this.url = /answers HTTP on (http:\/\/[0-9.:]+)/.exec(readFileSync(log, "utf8"))?.[1] ?? "";
      return this.url && (await fetch(`${this.url}/readyz`).catch(() => ({ ok: false }))).ok;
    }, () => readFileSync(log, "utf8"));
  }

  async stop() {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
  }

  /// Ends it as a crash does.
  async kill() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
  }

  async remove() {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #send(method, path, body, token) {
    const answer = await fetch(this.url + path, {
      method, body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  post = (path, body, token) => this.#send("POST", path, body, token);
  put = (path, body, token) => this.#send("PUT", path, body, token);
  patch = (path, body, token) => this.#send("PATCH", path, body, token);

  async get(path, token) {
    const answer = await fetch(this.url + path, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /// Makes products with these data, as an administrator.
  async stock(products) {
    const { access_token } = await this.post("/v1/auth/login", admin);
    for (const [index, { name, amount, currency = "EUR", onHand = 50 }] of products.entries())
      await this.post("/v1/products", { sku: `S-${index}`, name, price: { amount, currency }, on_hand: onHand }, access_token);
  }
}
