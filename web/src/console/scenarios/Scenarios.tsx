import "../kit/kit.css";
import "./scenarios.css";

import { Badge } from "../../ui/Badge";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { sentence } from "../../words/problems";
import { Link } from "../go";
import { useScenarios } from "./use-scenarios";

/// The stories that this system can play of itself.
export function Scenarios() {
  const { data, error, refetch } = useScenarios();
  return (
    <div className="stack">
      <h1>Scenarios</h1>
      <p className="soft">Stories that are played against this system, with checks of what it promises. The first is the one to begin with.</p>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && <div className="cards" aria-busy="true"><Skeleton height={32} /><Skeleton height={32} /><Skeleton height={32} /></div>}
      <ul className="cards">
        {data?.items.map(({ scenario, name, summary, needs_chaos, obstacle }) => (
          <li key={scenario} className="card scenario">
            <h2><Link to={`/scenarios/${scenario}`}>{scenario}. {sentence(name).replace(/\.$/, "")}</Link></h2>
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
