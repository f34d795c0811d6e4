import "../kit/kit.css";
import "./functions.css";

import { api, get, type Schema } from "../../api/client";
import { Guarded } from "../../session/Guarded";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Time } from "../../ui/Time";
import { Link, useNavigate } from "../go";
import { useAddress } from "../kit/address";
import { CardTable } from "../kit/GridTable";
import { ListStates } from "../kit/ListStates";
import { paged, usePages } from "../kit/pages";
import { Editor } from "./Editor";
import { runsText } from "./words";

const readEveryMs = 5_000;

const Table = ({ items }: { items: readonly Schema["FunctionSummary"][] }) => (
  <CardTable columns={["Function", { number: "Version" }, "Runs", "Registered"]}>
    {items.map((one) => (
      <tr key={one.name}>
        <td>
          <Link to={`/functions/${one.name}`}>{one.name}</Link> {one.guard && <Badge tone="moving">Guard</Badge>}
        </td>
        <td className="end" data-name="version">
          {one.current_version}
        </td>
        <td data-name="runs">{runsText(one)}</td>
        <td>{one.registered_at ? <Time at={one.registered_at} /> : <Badge tone="waiting">Built in</Badge>}</td>
      </tr>
    ))}
  </CardTable>
);

function Page() {
  const [{ add = "" }, change] = useAddress();
  const { isAdmin } = useRights();
  const navigate = useNavigate();
  const functions = usePages(
    ["functions", "list"],
    (cursor) => get(api.GET("/v1/functions", { params: { query: paged(cursor) } })),
    readEveryMs,
  );
  const isAdding = isAdmin && add !== "";
  return (
    <div className="stack">
      <div className="page-head">
        <h1>{isAdding ? "A new function" : "Functions"}</h1>
        {isAdmin && !isAdding && (
          <Button kind="main" onClick={() => change({ add: "yes" }, { replace: false })}>
            Add a function
          </Button>
        )}
        <p className="soft">
          Small programs in Lua that run in a sandbox: when somebody calls them, for events, or before an order is
          placed.
          {!isAdmin && " An admin can add one."}
        </p>
      </div>
      {isAdding ? (
        <Editor
          onLeave={() => change({ add: "" })}
          onDone={({ name }) => void navigate({ to: `/functions/${name}`, replace: true })}
        />
      ) : (
        <ListStates
          list={functions}
          more="Show more functions"
          empty={
            <Empty title="No functions yet">
              <p>{isAdmin ? "Add one to begin." : "An admin can add one."}</p>
            </Empty>
          }>
          {(items) => <Table items={items} />}
        </ListStates>
      )}
    </div>
  );
}

/// The functions, those that are built in too.
export const Functions = () => (
  <Guarded roles={["operator", "admin"]}>
    <Page />
  </Guarded>
);
