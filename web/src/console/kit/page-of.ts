const pages: Record<string, (id: string) => string> = {
  ord: (id) => `/orders/${id}`,
  blk: (id) => `/bulk/${id}`,
  whk: (id) => `/webhooks/${id}`,
  snk: (id) => `/sinks/${id}`,
  // Its name is the rest of its id; `trg_`: what came of its triggers.
  fun: (id) => `/functions/${id.slice(4)}`,
  trg: (id) => `/functions/${id.slice(4)}`,
};

/// The page of what an id names, if it has one.
export const pageOf = (id: string): string | undefined => pages[id.slice(0, id.indexOf("_"))]?.(id);
