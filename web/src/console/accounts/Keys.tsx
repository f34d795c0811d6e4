import "../kit/kit.css";

import { useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { Guarded } from "../../session/Guarded";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Field } from "../../ui/Field";
import { Time } from "../../ui/Time";
import { Ask } from "../kit/Ask";
import { CardTable } from "../kit/GridTable";
import { Id } from "../kit/Id";
import { ListStates } from "../kit/ListStates";
import { paged, usePages } from "../kit/pages";
import { Secret } from "../kit/Secret";
import { chosenRoles, Roles } from "./Roles";

type Key = Schema["ServiceKey"];

function State({ of }: { of: Key }) {
  if (of.revoked_at)
    return (
      <>
        <Badge tone="refused">Revoked</Badge>{" "}
        <span className="soft small">
          <Time at={of.revoked_at} />
        </span>
      </>
    );
  if (of.expires_at && Date.parse(of.expires_at) < Date.now()) return <Badge tone="waiting">Ran out</Badge>;
  return <Badge tone="done">Good</Badge>;
}

function KeyList() {
  const [isAdding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  const [token, setToken] = useState<string>();
  const keys = usePages(["keys"], (cursor) => get(api.GET("/v1/service-keys", { params: { query: paged(cursor) } })));
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Service keys</h1>
        <Button kind="main" onClick={() => setAdding(true)}>
          Make a key
        </Button>
      </div>
      <p className="soft">With a key a machine uses the API as a person does with a sign-in.</p>
      <ListStates
        list={keys}
        more="Show more keys"
        empty={
          <Empty title="No keys yet">
            <p>Make one for each machine: it can then be revoked alone.</p>
          </Empty>
        }>
        {(items) => (
          <CardTable columns={["Key", "Roles", "State", "Good until", "Made"]} hasActions>
            {items.map((key) => (
              <tr key={key.id}>
                <td>
                  {key.name}
                  <small>
                    <Id of={key.id} />
                  </small>
                </td>
                <td>{key.roles.join(", ")}</td>
                <td>
                  <State of={key} />
                </td>
                <td data-name="good until">
                  {key.expires_at ? (
                    <Time at={key.expires_at} text={new Date(key.expires_at).toLocaleDateString("en-GB")} />
                  ) : (
                    "it is revoked"
                  )}
                </td>
                <td data-name="made">
                  <Time at={key.created_at} />
                </td>
                <td className="end">
                  {!key.revoked_at && (
                    <Button kind="tiny" aria-label={`Revoke ${key.name}`} onClick={() => setRevoking(key)}>
                      Revoke
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </CardTable>
        )}
      </ListStates>
      {isAdding && (
        <Ask
          title="Make a key"
          action="Make it"
          onClose={() => {
            setAdding(false);
            void keys.refetch();
          }}
          run={async ({ name = "", until = "", ...rest }) => {
            const made = await get(
              api.POST("/v1/service-keys", {
                body: { name, roles: chosenRoles(rest), ...(until && { expires_at: new Date(until).toISOString() }) },
              }),
            );
            setToken(made.token);
          }}>
          <Field
            label="Name"
            name="name"
            required
            maxLength={200}
            autoFocus
            placeholder="warehouse"
            hint="Which machine it is for."
          />
          <Field label="Good until" name="until" type="date" hint="Empty: until it is revoked." />
          <Roles chosen={["operator"]} />
        </Ask>
      )}
      {revoking && (
        <Ask
          title={`Revoke ${revoking.name}?`}
          action="Revoke it"
          danger
          keep="Keep it"
          onClose={() => {
            setRevoking(undefined);
            void keys.refetch();
          }}
          run={() => get(api.DELETE("/v1/service-keys/{id}", { params: { path: { id: revoking.id } } }))}>
          <p>Whoever uses it is refused after ten seconds at the latest. This cannot be undone.</p>
        </Ask>
      )}
      {token && (
        <Secret title="The new key" secret={token} onClose={() => setToken(undefined)}>
          The machine sends it as its Bearer token.
        </Secret>
      )}
    </div>
  );
}

export const Keys = () => (
  <Guarded roles={["admin"]}>
    <KeyList />
  </Guarded>
);
