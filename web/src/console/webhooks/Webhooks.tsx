import "../kit/kit.css";

import { useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useRights } from "../../session/rights";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Field } from "../../ui/Field";
import { Ask } from "../kit/Ask";
import { ListStates } from "../kit/ListStates";
import { paged, usePages } from "../kit/pages";
import { Secret } from "../kit/Secret";
import { TargetTable } from "../kit/targets/TargetTable";
import { writtenTypes } from "../kit/targets/types";
import { TypesField } from "../kit/targets/TypesField";

const readEveryMs = 5_000;

/// The endpoints that are told of events.
export function Webhooks() {
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  const { isAdmin } = useRights();
  const endpoints = usePages(
    ["webhooks", "list"],
    (cursor) => get(api.GET("/v1/webhook-endpoints", { params: { query: paged(cursor) } })),
    readEveryMs,
  );
  async function add({ url = "", types = "", description = "" }: Record<string, string>) {
    const made = await get(
      api.POST("/v1/webhook-endpoints", { body: { url, types: writtenTypes(types), description } }),
    );
    setSecret((made as Schema["WebhookEndpointWithSecret"]).secret);
  }
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Webhooks</h1>
        {isAdmin && (
          <Button kind="main" onClick={() => setAdding(true)}>
            Add an endpoint
          </Button>
        )}
      </div>
      <ListStates
        list={endpoints}
        more="Show more endpoints"
        empty={
          <Empty title="No endpoints yet">
            <p>
              An endpoint is an address of yours that is told of events by signed messages.{" "}
              {isAdmin ? "Add one to begin." : "An admin can add one."}
            </p>
          </Empty>
        }>
        {(items) => (
          <TargetTable
            name="Endpoint"
            to="/webhooks"
            items={items}
            about={({ description }) => description}
            waiting={({ backlog }) => backlog}
          />
        )}
      </ListStates>
      {isAdding && (
        <Ask
          title="Add an endpoint"
          action="Add it"
          run={add}
          onClose={() => {
            setAdding(false);
            void endpoints.refetch();
          }}>
          <Field
            label="Address"
            name="url"
            type="url"
            required
            maxLength={2048}
            placeholder="https://erp.example.com/hooks/waybill"
            autoFocus
            hint="Must be https with a public address, unless the node allows others."
          />
          <TypesField name="types" types={["order.*"]} required />
          <Field label="What it is" name="description" maxLength={200} />
        </Ask>
      )}
      {secret && (
        <Secret title="The endpoint's secret" secret={secret} onClose={() => setSecret(undefined)}>
          The receiver checks the signature of each message with it.
        </Secret>
      )}
    </div>
  );
}
