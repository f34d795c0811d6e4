import type { ReactNode } from "react";

import type { Tone } from "../words/orders";

export const Badge = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className={`badge tone-${tone}`}>{children}</span>
);
