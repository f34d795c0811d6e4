/// A new idempotency key. `crypto.randomUUID` is not there on a page that came by plain HTTP from another machine.
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((octet) => octet.toString(16).padStart(2, "0")).join("");
