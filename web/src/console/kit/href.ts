/// A path with what stands behind its question mark, as links of the router take it.
export function hrefOf(path: string): { to: string; search?: Record<string, string> } {
  const [to = "", query] = path.split("?");
  return query ? { to, search: Object.fromEntries(new URLSearchParams(query)) } : { to };
}
