/// Node 18 has Web Cryptography in a module only. Its name is a variable, so that nobody who packs this for browsers looks for it.
const moduleName = "node:crypto";

export async function webCrypto(): Promise<Crypto> {
  if (globalThis.crypto) return globalThis.crypto;
  const { webcrypto } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ moduleName)) as { webcrypto: Crypto };
  return webcrypto;
}

/// A new idempotency key. (`crypto.randomUUID` is not there on pages that came by plain HTTP from another machine.)
export async function newKey(): Promise<string> {
  const octets = (await webCrypto()).getRandomValues(new Uint8Array(16));
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}
