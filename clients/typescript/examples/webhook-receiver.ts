// Receives a webhook's messages, and appends each to a file, once.
//
// WEBHOOK_SECRET: what POST /v1/webhook-endpoints gave; JOURNAL: the file; PORT: 8080 without. A message is answered with 204 when it is
// stored, however often it comes; with 400 when it is not from the node. In front of it belongs a server that ends TLS.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { BadSignature, verifyWebhook } from "waybill-client";

const { WEBHOOK_SECRET: secret = "", JOURNAL: journal = "", PORT: port = "8080" } = process.env;
const largest = 1024 * 1024;
// A line that was being written when the machine failed has no end, and was not answered: it comes again.
const written = existsSync(journal) ? readFileSync(journal) : Buffer.alloc(0);
const whole = written.subarray(0, written.lastIndexOf("\n") + 1);
if (whole.length < written.length) truncateSync(journal, whole.length);
const seen = new Set(whole.toString().split("\n").filter(Boolean).map((line) => (JSON.parse(line) as { id: string }).id));
const file = openSync(journal, "a");

const server = createServer(async (request, response) => {
  const answer = (status: number) => response.writeHead(status).end();
  try {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > largest) return answer(413);
      pieces.push(piece);
    }
    const message = await verifyWebhook(secret, request.headers, Buffer.concat(pieces));
    const isNew = !seen.has(message.id);
    if (isNew) {
      // In one turn of the event loop: two attempts at once are one message.
      writeSync(file, `${JSON.stringify(message)}\n`);
      fsyncSync(file);
      seen.add(message.id);
    }
    console.log(`${message.type} ${message.id}${isNew ? "" : " again"}`);
    return answer(204);
  } catch (error) {
    if (error instanceof BadSignature) {
      console.log(`refused: ${error.message}`);
      return answer(400);
    }
    console.error(error);
    return answer(500);
  }
});
server.requestTimeout = 20_000;
server.listen(Number(port), "127.0.0.1", () => console.log(`receives on http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
process.once("SIGTERM", () => {
  server.close(() => closeSync(file));
  server.closeAllConnections();
});
