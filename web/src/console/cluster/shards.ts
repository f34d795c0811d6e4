import type { paths } from "../../api/schema";
import type { Schema } from "../../api/client";

export type Shards = paths["/v1/cluster/shards"]["get"]["responses"]["200"]["content"]["application/json"];
export type RoleShards = Shards["roles"][number];
type Node = Schema["ClusterNode"];

/// How many shards of the role each of its owners has, in their order.
export function countsOf({ owners, shards }: RoleShards): number[] {
  const counts = owners.map(() => 0);
  for (const owner of shards) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

/// Cells in a row of the picture.
export const rowLength = 64;

/// The cells of one owner as one path, a unit each; neighbours are drawn together.
export function cellsOf({ shards }: RoleShards, owner: number): string {
  let path = "";
  for (let shard = 0; shard < shards.length;) {
    const column = shard % rowLength;
    let length = 0;
    while (column + length < rowLength && shards[shard + length] === owner) length += 1;
    if (length > 0) path += `M${column} ${Math.floor(shard / rowLength)}h${length}v1h-${length}z`;
    shard += Math.max(length, 1);
  }
  return path;
}

/// What a screen reader says instead of the picture.
export function ownersText(role: RoleShards): string {
  if (role.owners.length === 0) return `${role.role}: nobody owns its entities now`;
  const counts = countsOf(role);
  return `${role.role}: ${role.owners.map((owner, index) => `${owner} ${counts[index]} shards`).join(", ")}`;
}

export interface Meaning {
  /// Roles that no other node has which is up: without them the system cannot serve, so that it is refused.
  alone: string[];
  /// Whose entities others take over.
  moves: { role: string; shards: number; to: string[] }[];
  isGateway: boolean;
}

const serves = ({ state, reachable }: Node) => state === "up" && reachable;

/// What it means to take a node out of service.
export function meaningOfDrain(node: Node, nodes: readonly Node[], shards: Shards | undefined): Meaning {
  const others = nodes.filter((other) => other.node !== node.node && serves(other));
  return {
    alone: node.roles.filter((role) => !others.some(({ roles }) => roles.includes(role))),
    moves: (shards?.roles ?? []).flatMap((role) => {
      const own = role.owners.indexOf(node.node);
      const count = own < 0 ? 0 : (countsOf(role)[own] ?? 0);
      return count > 0
        ? [{ role: role.role, shards: count, to: role.owners.filter((owner) => owner !== node.node) }]
        : [];
    }),
    isGateway: node.roles.includes("gateway"),
  };
}
