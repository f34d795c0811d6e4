import { useQueryClient } from "@tanstack/react-query";

import { api, get, type Schema } from "../../api/client";
import { Ask } from "../kit/Ask";
import { meaningOfDrain } from "./shards";
import { useShards } from "./ShardMap";

type Node = Schema["ClusterNode"];

interface Properties {
  node: Node;
  nodes: readonly Node[];
  /// It is the one that this page talks to.
  isAnswering: boolean;
  /// Entities that it has in memory, as far as that is known.
  inMemory: number | undefined;
  onClose: () => void;
}

/// Says what it means to take a node out of service, and does it when nothing would be missing then.
export function Drain({ node, nodes, isAnswering, inMemory, onClose }: Properties) {
  const cache = useQueryClient();
  const { data: shards } = useShards();
  const { alone, moves, isGateway } = meaningOfDrain(node, nodes, shards);
  async function drain() {
    await get(api.POST("/v1/cluster/nodes/{id}/drain", { params: { path: { id: node.node } } }));
    await cache.invalidateQueries({ queryKey: ["cluster"] });
  }
  return (
    <Ask
      title={`Take ${node.node} out of service?`}
      action="Drain it"
      danger
      isPossible={alone.length === 0}
      keep="Leave it in service"
      onClose={onClose}
      run={drain}>
      <p className="soft">
        It finishes what it has begun, hands what it owns over to the others, and ends. No request fails; whoever runs
        it may start it again.
      </p>
      {alone.length > 0 ? (
        <p className="notice tone-attention">
          <strong>It cannot be spared</strong>
          <span>
            No other node that is up is {alone.join(", ")}. Start one first, or end this one from its own machine by{" "}
            <code>waybill shell -c "drain {node.node} --force"</code>.
          </span>
        </p>
      ) : (
        <ul className="plain-list">
          {moves.map(({ role, shards: count, to }) => (
            <li key={role}>
              <strong>{role}</strong>: {count} shards go to {to.join(", ")}
            </li>
          ))}
          {inMemory !== undefined && (
            <li>{inMemory} entities that it has in memory are loaded again by their new owner when they are needed.</li>
          )}
          {isGateway && <li>Clients that are connected to it connect again, to another gateway.</li>}
          {isAnswering && <li>This page is served by it: open the console at another gateway afterwards.</li>}
        </ul>
      )}
    </Ask>
  );
}
