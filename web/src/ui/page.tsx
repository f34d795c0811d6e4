import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { queries } from "../api/queries";
import { startSession } from "../session/session";

/// Shows a page: the session of before is taken up, and all of it shares what is known.
export function showPage(page: ReactNode) {
  startSession();
  const root = document.getElementById("root");
  if (!root) throw new Error("the page has no place for its content");
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>{page}</QueryClientProvider>
    </StrictMode>,
  );
}
