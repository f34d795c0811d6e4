import { QueryClient } from "@tanstack/react-query";

import { currentWho, watchWho } from "../session/session";
import { Problem } from "./problem";

const retries = 2;
/// What was refused for a reason is refused again.
const isWorthARetry = (error: unknown) =>
  error instanceof Problem && (error.status === 0 || error.status >= 500 || error.status === 429);

/// What a page knows; all of its elements share it.
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < retries && isWorthARetry(error),
      retryDelay: (attempt, error) =>
        error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : 500 * 2 ** attempt,
    },
    mutations: { retry: false },
  },
});

/// What one person saw is not shown to the next.
let seenBy = "";
watchWho(() => {
  const who = currentWho();
  const id = who.state === "signed_in" ? who.user.id : "";
  // Once those who may no longer ask have heard of it.
  if (seenBy && id !== seenBy) setTimeout(() => void queries.resetQueries());
  seenBy = id;
});
