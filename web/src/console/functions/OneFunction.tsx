import "../kit/kit.css";
import "./functions.css";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { readAgain } from "../../live/use-read-again";
import { Guarded } from "../../session/Guarded";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Link, useNavigate, useParams } from "../go";
import { useAddress } from "../kit/address";
import { Ask } from "../kit/Ask";
import { Editor } from "./Editor";
import { Facts } from "./Facts";
import { Source } from "./Source";
import { type Failed, TryIt } from "./TryIt";
import { useVersions, Versions } from "./Versions";
import { consequences } from "./words";

type Function = Schema["Function"];
const readEveryMs = 5_000;

/// The source that is called, or that of another version, which the address names.
function Sources({ of, failed }: { of: Function; failed: Failed | undefined }) {
  const [{ version = "" }, change] = useAddress();
  const { data } = useVersions(of);
  const other = data?.items.find((one) => String(one.version) === version && !one.current);
  const { source, number } = other
    ? { source: other.source, number: other.version }
    : { source: of.source, number: of.current_version };
  return (
    <section className="card stack" aria-labelledby="source">
      <div className="row between">
        <h2 id="source">Source</h2>
        <Copy text={source} name="Copy the source" />
      </div>
      {other && (
        <p className="notice tone-attention">
          This is version {number}. Version {of.current_version} is called.{" "}
          <Button kind="tiny" onClick={() => change({ version: "" })}>
            Show that
          </Button>
        </p>
      )}
      <Source
        text={source}
        name={`The source of version ${number}`}
        marked={failed?.version === number ? failed.line : undefined}
      />
    </section>
  );
}

/// What is done to a function; for admins.
function Actions({ of, onEdit }: { of: Function; onEdit: () => void }) {
  const [isRemoving, setRemoving] = useState(false);
  const navigate = useNavigate();
  return (
    <div className="row">
      <Button kind="main" onClick={onEdit}>
        Change it
      </Button>
      <Button kind="danger" onClick={() => setRemoving(true)}>
        Remove
      </Button>
      {isRemoving && (
        <Ask
          title={`Remove ${of.name}?`}
          action="Remove it"
          danger
          keep="Keep it"
          onClose={() => setRemoving(false)}
          run={async () => {
            const header = { "If-Match": `"${of.version}"` };
            await get(api.DELETE("/v1/functions/{id}", { params: { path: { id: of.name }, header } }));
            void navigate({ to: "/functions" });
          }}>
          <p>
            All its versions are removed, and whoever calls it is told that there is none. {consequences(of).join(" ")}{" "}
            This cannot be undone.
          </p>
        </Ask>
      )}
    </div>
  );
}

function Known({ of, changed }: { of: Function; changed: () => void }) {
  const [{ edit = "", version = "" }, change] = useAddress();
  const [failed, setFailed] = useState<Failed>();
  const { isAdmin } = useRights();
  const mayEdit = isAdmin && !of.built_in;
  return (
    <>
      <div className="page-head">
        <h1 className="long">{of.name}</h1>
        <span className="row">
          {of.guard && <Badge tone="moving">Guard</Badge>}
          {of.built_in ? (
            <Badge tone="waiting">Built in</Badge>
          ) : (
            <Badge tone="done">Version {of.current_version}</Badge>
          )}
        </span>
      </div>
      {mayEdit && edit ? (
        <Editor
          of={of}
          onLeave={() => change({ edit: "" })}
          onDone={() => {
            change({ edit: "", version: "" });
            changed();
          }}
        />
      ) : (
        <>
          {mayEdit ? (
            <Actions
              of={of}
              onEdit={() => {
                setFailed(undefined);
                change({ edit: "yes" }, { replace: false });
              }}
            />
          ) : (
            <p className="soft small">
              {of.built_in ? "It is always there and cannot be changed." : "An admin can change it."}
            </p>
          )}
          {!of.built_in && <Facts of={of} />}
          <div className="split">
            <Sources of={of} failed={failed} />
            <TryIt key={of.name} of={of} onFailed={setFailed} />
          </div>
          {!of.built_in && (
            <Versions
              of={of}
              shown={Number(version) || of.current_version}
              onShow={(shown) => change({ version: shown === of.current_version ? "" : String(shown) })}
              changed={changed}
            />
          )}
        </>
      )}
    </>
  );
}

function Page() {
  const { name } = useParams<{ name: string }>();
  const cache = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ["function", name, "current"],
    queryFn: () => get(api.GET("/v1/functions/{id}", { params: { path: { id: name } } })),
    refetchInterval: readEveryMs,
  });
  return (
    <div className="stack">
      <p className="small">
        <Link to="/functions">← Functions</Link>
      </p>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={64} />}
      {data && <Known of={data} changed={() => void readAgain(cache, ["function", name])} />}
    </div>
  );
}

/// One function: its source, its versions, and what it answers.
export const OneFunction = () => (
  <Guarded roles={["operator", "admin"]}>
    <Page />
  </Guarded>
);
