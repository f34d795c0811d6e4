import { webCrypto } from "./crypto.js";
import { BadSignature, parseJson } from "./problem.js";
import type { Schemas } from "./schema-types.js";

/// A message that was signed. `id` is the same for each attempt: keep those that you have seen.
export type WebhookMessage = { id: string } & (Schemas["WebhookEventMessage"] | Schemas["WebhookTestMessage"]);

/// Seconds that a message's time may be off, before or behind.
const tolerance = 300;
const prefix = "whsec_";

/// Names of headers in any case, as Node, Fetch or anything else gives them.
type HeaderSource = Headers | Record<string, string | string[] | undefined>;

function headerOf(headers: HeaderSource, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? "";
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return Array.isArray(found) ? found.join(" ") : found ?? "";
}

function octetsOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/// Checks the signature of `body`, as it came, before it reads it (docs/webhooks.md; the format is that of Standard Webhooks). `secret`
/// begins with `whsec_`. Throws BadSignature; TypeError for what is no secret. `now`, in milliseconds since 1970, is for tests.
export async function verifyWebhook(secret: string, headers: HeaderSource, body: string | Uint8Array, now = Date.now()): Promise<WebhookMessage> {
  if (!secret.startsWith(prefix)) throw new TypeError("a webhook's secret begins with whsec_");
  const id = headerOf(headers, "webhook-id");
  const sentAt = headerOf(headers, "webhook-timestamp");
  if (!id || !/^\d{1,12}$/.test(sentAt)) throw new BadSignature("the headers webhook-id and webhook-timestamp are not both there");
  if (Math.abs(now / 1000 - Number(sentAt)) > tolerance) throw new BadSignature(`the message is from another time than now: ${sentAt}`);

  const head = new TextEncoder().encode(`${id}.${sentAt}.`);
  const octets = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = new Uint8Array(head.length + octets.length);
  signed.set(head);
  signed.set(octets, head.length);
  const { subtle } = await webCrypto();
  const key = await subtle.importKey("raw", octetsOf(secret.slice(prefix.length)), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  // While the secret is changed there are several. `verify` takes the same time whatever differs.
  const signatures = headerOf(headers, "webhook-signature").split(" ").filter((one) => /^v1,[A-Za-z0-9+/]{43}=$/.test(one));
  const fits = await Promise.all(signatures.map((one) => subtle.verify("HMAC", key, octetsOf(one.slice(3)), signed)));
  if (!fits.includes(true)) throw new BadSignature("no signature fits");

  const message = parseJson(new TextDecoder().decode(octets));
  if (typeof message !== "object" || message === null || !("type" in message)) throw new BadSignature("the body is no message of Waybill");
  return { ...(message as Schemas["WebhookEventMessage"]), id };
}
