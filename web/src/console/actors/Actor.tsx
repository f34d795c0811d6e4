import "../kit/kit.css";

import { useQuery } from "@tanstack/react-query";

import { api, get } from "../../api/client";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { sentence } from "../../words/problems";
import { Link, useParams } from "../go";

/// What one actor keeps, wherever it lives.
export function Actor() {
  const { type, id } = useParams<{ type: string; id: string }>();
  const actor = useQuery({
    queryKey: ["actor", type, id],
    queryFn: () => get(api.GET("/v1/actors/{type}/{id}", { params: { path: { type, id } } })),
    staleTime: 0,
  });
  const { data, error } = actor;
  return (
    <div className="stack">
      <p className="small">
        <Link to="/actors" search={{ type }}>
          ← Actors
        </Link>
      </p>
      <div className="page-head">
        <h1>
          {sentence(type).replace(/\.$/, "")} <code>{id}</code>
        </h1>
        <div className="row">
          {type === "order" && (
            <Link to={`/orders/${id}`} className="button">
              Open the order
            </Link>
          )}
          <Link to="/log" search={{ stream: id, after: "earliest" }} className="button">
            Its events
          </Link>
          <Button busy={actor.isFetching} onClick={() => void actor.refetch()}>
            Look again
          </Button>
        </div>
      </div>
      {error && <Refused problem={error} retry={() => void actor.refetch()} />}
      {!data && !error && <Skeleton height={64} />}
      {data && (
        <div className="card stack">
          <dl className="facts">
            <dt>On node</dt>
            <dd>{data.node}</dd>
            <dt>Version</dt>
            <dd className="number">{data.version}</dd>
            <dt>Waits for</dt>
            <dd>{data.waits_for ? sentence(data.waits_for) : "nothing"}</dd>
          </dl>
          <div className="row between">
            <h2>State</h2>
            <Copy text={JSON.stringify(data.state, null, 2)} name="Copy the state" />
          </div>
          <pre className="state-json" tabIndex={0} aria-label="State">
            {JSON.stringify(data.state, null, 2)}
          </pre>
        </div>
      )}
    </div>
  );
}
