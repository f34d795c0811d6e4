import { useQuery } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { cellsOf, countsOf, ownersText, rowLength, type RoleShards } from "./shards";

const readEveryMs = 5_000;
/// So many owners have a colour of their own; then they begin again.
const colours = 8;

export const useShards = () =>
  useQuery({
    queryKey: ["cluster", "shards"],
    queryFn: () => get(api.GET("/v1/cluster/shards")),
    refetchInterval: readEveryMs,
    staleTime: 0,
  });

function Role({ role, nodes }: { role: RoleShards; nodes: readonly string[] }) {
  const rows = Math.max(Math.ceil(role.shards.length / rowLength), 1);
  const counts = countsOf(role);
  // A node has the same colour in each role.
  const colourOf = (owner: string) => `owner-${Math.max(nodes.indexOf(owner), 0) % colours}`;
  return (
    <li className="shard-role">
      <h3>{role.role}</h3>
      {role.owners.length === 0 ? (
        <p className="notice tone-refused">No node has this role: nothing of it is served.</p>
      ) : (
        <>
          <svg viewBox={`0 0 ${rowLength} ${rows}`} role="img" aria-label={ownersText(role)}>
            {role.owners.map((owner, index) => (
              <path key={owner} className={colourOf(owner)} d={cellsOf(role, index)}>
                <title>{`${owner}: ${counts[index]} shards`}</title>
              </path>
            ))}
          </svg>
          <ul className="shard-names">
            {role.owners.map((owner, index) => (
              <li key={owner} className={`shard-name ${colourOf(owner)}`}>
                {owner} <span className="soft number">{counts[index]}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </li>
  );
}

/// Which node owns which shards: a cell is a shard, in rows from the first to the last.
export function ShardMap() {
  const { data, error, refetch } = useShards();
  const nodes = [...new Set((data?.roles ?? []).flatMap(({ owners }) => owners))].sort();
  return (
    <section className="card stack" aria-labelledby="shards">
      <div>
        <h2 id="shards">Shards by owner</h2>
        <p className="soft small">
          What a role keeps is spread over its nodes in {data?.shard_count ?? "…"} shards. When a node comes or goes,
          only its own shards move.
        </p>
      </div>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={48} />}
      {data && (
        <ul className="shard-roles">
          {data.roles.map((role) => (
            <Role key={role.role} role={role} nodes={nodes} />
          ))}
        </ul>
      )}
    </section>
  );
}
