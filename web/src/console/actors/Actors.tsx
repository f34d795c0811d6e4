import "../kit/kit.css";

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Link } from "../go";
import { useAddress } from "../kit/address";
import { CardTable } from "../kit/GridTable";
import { Id } from "../kit/Id";

const types = ["order", "product", "payment", "delivery", "courier", "user", "webhook", "sink"];
const readEveryMs = 3_000;
const most = 200;

/// The actors that are in memory, the busiest first.
export function Actors() {
  const [{ type = "", node = "" }, change] = useAddress();
  const query = { sort: "mailbox" as const, limit: most, ...(type && { type }), ...(node && { node }) };
  const actors = useQuery({
    queryKey: ["actors", query],
    queryFn: () => get(api.GET("/v1/actors", { params: { query } })),
    refetchInterval: readEveryMs,
    placeholderData: keepPreviousData,
  });
  const cluster = useQuery({ queryKey: ["cluster"], queryFn: () => get(api.GET("/v1/cluster")) });
  const items = actors.data?.items;
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Actors</h1>
        <div className="tools">
          <label>
            Kind
            <select className="input" value={type} onChange={({ target }) => change({ type: target.value })}>
              <option value="">All kinds</option>
              {types.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label>
            Node
            <select className="input" value={node} onChange={({ target }) => change({ node: target.value })}>
              <option value="">All nodes</option>
              {(cluster.data?.nodes ?? []).map((one) => (
                <option key={one.node}>{one.node}</option>
              ))}
            </select>
          </label>
        </div>
      </div>
      {actors.error && <Refused problem={actors.error} retry={() => void actors.refetch()} />}
      {!items && !actors.error && (
        <div className="stack tight" aria-busy="true">
          <Skeleton height={10} />
          <Skeleton height={10} />
          <Skeleton height={10} />
        </div>
      )}
      {actors.data && items && (
        <p className="soft small" role="status">
          {actors.data.total} in memory
          {actors.data.total > items.length && `; the ${items.length} with the fullest mailboxes are shown`}
          {actors.data.missing.length > 0 && <>; without {actors.data.missing.join(", ")}, which did not answer</>}.
          Read again every {readEveryMs / 1000} s.
        </p>
      )}
      {items?.length === 0 && (
        <Empty title="None in memory">
          <p>An actor is loaded when a message comes for it, and leaves when it has nothing to do.</p>
        </Empty>
      )}
      {items && items.length > 0 && (
        <CardTable columns={["Actor", "Kind", "Node", { number: "Messages waiting" }, { number: "Handled" }]}>
          {items.map((actor) => (
            <tr key={`${actor.type} ${actor.id}`}>
              <td>
                <Link to={`/actors/${actor.type}/${actor.id}`}>
                  <Id of={actor.id} />
                </Link>
              </td>
              <td>{actor.type}</td>
              <td data-name="on">{actor.node}</td>
              <td className="end" data-name="waiting">
                {actor.mailbox}
              </td>
              <td className="end" data-name="handled">
                {actor.handled}
              </td>
            </tr>
          ))}
        </CardTable>
      )}
    </div>
  );
}
