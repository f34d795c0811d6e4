import "./stories.css";

import type { ReactNode } from "react";

import { Badge } from "../ui/Badge";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { titleOf } from "./story";
import { useScenarios } from "./use-scenarios";

/// The stories that this system can play of itself. `link` leads to one.
export function StoryList({ link }: { link: (scenario: number, title: string) => ReactNode }) {
  const { data, error, refetch } = useScenarios();
  return (
    <div className="stack">
      <h1>Scenarios</h1>
      <p className="soft">
        Stories that are played against this system, with checks of what it promises. The first is the one to begin
        with.
      </p>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && (
        <div className="story-cards" aria-busy="true">
          <Skeleton height={32} />
          <Skeleton height={32} />
          <Skeleton height={32} />
        </div>
      )}
      <ul className="story-cards">
        {data?.items.map(({ scenario, name, summary, needs_chaos, obstacle }) => (
          <li key={scenario} className="card scenario">
            <h2>{link(scenario, titleOf(scenario, name))}</h2>
            <p className="soft">{summary}</p>
            <div className="row">
              {needs_chaos && <Badge tone="attention">Breaks something</Badge>}
              {obstacle && <Badge tone="waiting">Not here</Badge>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
