import { expect, test } from "vitest";

import type { Schema } from "../../api/client";
import { cellsOf, countsOf, meaningOfDrain, ownersText, rowLength, type RoleShards } from "./shards";

const role: RoleShards = { role: "order", owners: ["a", "b"], shards: [0, 0, 1, 0] };
const node = (name: string, roles: string[], change: Partial<Schema["ClusterNode"]> = {}): Schema["ClusterNode"] => ({
  node: name,
  incarnation: 1,
  address: "127.0.0.1:1",
  http: null,
  roles,
  state: "up",
  reachable: true,
  suspects: [],
  lease_until: null,
  ...change,
});

test("the shards of each owner are counted, and said in words", () => {
  expect(countsOf(role)).toEqual([3, 1]);
  expect(ownersText(role)).toBe("order: a 3 shards, b 1 shards");
  expect(ownersText({ role: "order", owners: [], shards: [] })).toContain("nobody");
});

test("neighbours of one owner are drawn together, and none over the end of a row", () => {
  expect(cellsOf(role, 0)).toBe("M0 0h2v1h-2zM3 0h1v1h-1z");
  const wide = { role: "order", owners: ["a"], shards: Array.from({ length: rowLength + 1 }, () => 0) };
  expect(cellsOf(wide, 0)).toBe(`M0 0h${rowLength}v1h-${rowLength}zM0 1h1v1h-1z`);
  expect(cellsOf(wide, 1)).toBe("");
});

test("a drain says who takes over, and which roles would have nobody", () => {
  const shards = { shard_count: 4, roles: [role, { role: "payment", owners: ["a"], shards: [0, 0, 0, 0] }] };
  const a = node("a", ["gateway", "order", "payment"]);
  const b = node("b", ["gateway", "order"]);
  expect(meaningOfDrain(a, [a, b], shards)).toEqual({
    alone: ["payment"],
    moves: [
      { role: "order", shards: 3, to: ["b"] },
      { role: "payment", shards: 4, to: [] },
    ],
    isGateway: true,
  });
  // One that cannot be reached, or is about to go itself, takes nothing over.
  for (const lost of [{ reachable: false }, { state: "leaving" }])
    expect(meaningOfDrain(a, [a, { ...b, ...lost }], shards).alone).toEqual(["gateway", "order", "payment"]);
  expect(meaningOfDrain(b, [a, b], undefined)).toEqual({ alone: [], moves: [], isGateway: true });
});
