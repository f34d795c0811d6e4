/// The node that this script came from, on a page of another origin too. Vitest loads it from a file.
const { origin } = new URL(import.meta.url);
export const node = origin === "null" ? "http://localhost" : origin;
