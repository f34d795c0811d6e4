import "../kit/kit.css";
import "./cluster.css";

import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { useNow } from "../../live/use-visible";
import { useRights } from "../../session/rights";
import { exactTime } from "../../words/times";
import { Link } from "../go";
import { Drain } from "./Drain";
import { leaseText, stateOf } from "./node-words";
import { ShardMap } from "./ShardMap";

type Node = Schema["ClusterNode"];
const readEveryMs = 5_000;
const busiest = 200;

/// How many entities a node has in memory, and how many messages wait in the fullest mailboxes.
function useLoads(nodes: readonly Node[]) {
  return useQueries({
    queries: nodes.map(({ node }) => ({
      queryKey: ["actors", "load", node],
      queryFn: () => get(api.GET("/v1/actors", { params: { query: { node, sort: "mailbox", limit: busiest } } })),
      refetchInterval: readEveryMs,
    })),
  });
}

function Load({
  node,
  load,
  most,
}: {
  node: string;
  load: { total: number; items: Schema["RunningActor"][] } | undefined;
  most: number;
}) {
  if (!load) return <Skeleton height={6} />;
  const waiting = load.items.reduce((sum, { mailbox }) => sum + mailbox, 0);
  return (
    <div className="load">
      <span>
        <strong className="number">{load.total}</strong> in memory, <strong className="number">{waiting}</strong>{" "}
        {waiting === 1 ? "message waits" : "messages wait"}
      </span>
      <span className="load-bar" aria-hidden="true">
        <span style={{ width: `${most > 0 ? (100 * load.total) / most : 0}%` }} />
      </span>
      <Link to="/actors" search={{ node }}>
        See its actors
      </Link>
    </div>
  );
}

function NodeCard({ node, isAnswering, children }: { node: Node; isAnswering: boolean; children: React.ReactNode }) {
  const now = useNow(1000);
  const { text, tone } = stateOf(node);
  return (
    <li className="card node-card">
      <header>
        <h2>{node.node}</h2>
        <Badge tone={tone}>{text}</Badge>
      </header>
      {node.suspects.length > 0 && <p className="notice tone-attention">It cannot reach {node.suspects.join(", ")}.</p>}
      <ul className="roles" aria-label="Roles">
        {node.roles.map((role) => (
          <li key={role}>{role}</li>
        ))}
      </ul>
      {children}
      <dl className="facts small">
        <dt>Lease</dt>
        <dd title={node.lease_until ? exactTime(node.lease_until) : undefined}>{leaseText(node.lease_until, now)}</dd>
        <dt>HTTP</dt>
        <dd>{node.http ?? "no gateway"}</dd>
        <dt>For nodes</dt>
        <dd>{node.address}</dd>
        {node.incarnation > 1 && (
          <>
            <dt>Joined</dt>
            <dd>
              <Time at={new Date(node.incarnation / 1000).toISOString()} />
            </dd>
          </>
        )}
      </dl>
      {isAnswering && <p className="soft small">This page talks to it; what you see is how it sees the cluster.</p>}
    </li>
  );
}

/// The nodes, as the one sees them that answers.
export function Cluster() {
  const cluster = useQuery({
    queryKey: ["cluster"],
    queryFn: () => get(api.GET("/v1/cluster")),
    refetchInterval: readEveryMs,
    staleTime: 0,
  });
  const [draining, setDraining] = useState<Node>();
  const { mayChange } = useRights();
  const version = useQuery({ queryKey: ["version"], queryFn: () => get(api.GET("/version")), retry: false });
  const nodes = cluster.data?.nodes ?? [];
  const loads = useLoads(nodes.filter(({ state }) => state !== "dead"));
  const loadOf = (name: string) =>
    loads[nodes.filter(({ state }) => state !== "dead").findIndex(({ node }) => node === name)]?.data;
  const most = Math.max(...loads.map(({ data }) => data?.total ?? 0), 0);
  if (!cluster.data && cluster.error) return <Refused problem={cluster.error} retry={() => void cluster.refetch()} />;
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Cluster</h1>
        {version.data && (
          <span className="soft">
            Waybill {version.data.version}, protocol {version.data.protocol}
          </span>
        )}
      </div>
      {cluster.error && <Refused problem={cluster.error} retry={() => void cluster.refetch()} />}
      {!cluster.data ? (
        <div className="cards" aria-busy="true">
          <Skeleton height={64} />
          <Skeleton height={64} />
        </div>
      ) : (
        <ul className="cards">
          {nodes.map((node) => (
            <NodeCard key={node.node} node={node} isAnswering={node.node === cluster.data.node}>
              {node.state !== "dead" && <Load node={node.node} load={loadOf(node.node)} most={most} />}
              {mayChange && node.state === "up" && (
                <Button kind="tiny" aria-label={`Drain ${node.node}`} onClick={() => setDraining(node)}>
                  Drain …
                </Button>
              )}
            </NodeCard>
          ))}
        </ul>
      )}
      <ShardMap />
      {draining && (
        <Drain
          node={draining}
          nodes={nodes}
          isAnswering={draining.node === cluster.data?.node}
          inMemory={loadOf(draining.node)?.total}
          onClose={() => setDraining(undefined)}
        />
      )}
    </div>
  );
}
