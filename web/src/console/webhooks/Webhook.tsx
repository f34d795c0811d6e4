import "../kit/kit.css";

import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { durationText } from "../../words/times";
import { Link, useNavigate, useParams } from "../go";
import { Ask } from "../kit/Ask";
import { Secret } from "../kit/Secret";
import { OnOff } from "../kit/targets/OnOff";
import { Progress } from "../kit/targets/Progress";
import { targetState } from "../kit/targets/state";
import { MessageLog } from "./MessageLog";

type Endpoint = Schema["WebhookEndpoint"];
const readEveryMs = 3_000;

function TestResult({ result }: { result: Schema["WebhookTestResult"] }) {
  const took = durationText(result.duration_ms);
  return (
    <p className={`notice ${result.delivered ? "tone-done" : "tone-refused"}`} role="status">
      {result.status !== null
        ? `The receiver answered ${result.status} after ${took}.`
        : `No answer after ${took}: ${result.error ?? "unknown why"}.`}
    </p>
  );
}

/// What is done to an endpoint; for admins.
function Actions({ endpoint, changed }: { endpoint: Endpoint; changed: () => void }) {
  const [open, setOpen] = useState<"replay" | "rotate" | "delete">();
  const [secret, setSecret] = useState<string>();
  const navigate = useNavigate();
  const params = { path: { id: endpoint.id } };
  const test = useMutation({ mutationFn: () => get(api.POST("/v1/webhook-endpoints/{id}/test", { params })) });
  const turn = (status: "enabled" | "disabled") =>
    get(api.PATCH("/v1/webhook-endpoints/{id}", { params, body: { status } }));
  const close = () => {
    setOpen(undefined);
    changed();
  };
  const dialogs: Record<string, ReactNode> = {
    replay: (
      <Ask
        title="Send events again"
        action="Send them again"
        onClose={close}
        run={({ after = "", before = "" }) =>
          get(api.POST("/v1/webhook-endpoints/{id}/replay", { params, body: { after, ...(before && { before }) } }))
        }>
        <p className="soft">
          All events behind a position of the log that this endpoint wants are sent again, under the ids that they had:
          a receiver that knows an id takes it once.
        </p>
        <Field
          label="Behind position"
          name="after"
          required
          defaultValue="earliest"
          hint="“earliest” is the oldest event that is kept. The log shows the position of each event."
        />
        <Field label="Before position" name="before" hint="Empty: up to where the endpoint has come." />
      </Ask>
    ),
    rotate: (
      <Ask
        title="Give it a new secret?"
        action="Make a new secret"
        onClose={close}
        run={async ({ hours = "24" }) => {
          const made = await get(
            api.POST("/v1/webhook-endpoints/{id}/rotate-secret", {
              params,
              body: { overlap_seconds: Math.round(Number(hours) * 3600) },
            }),
          );
          setSecret((made as Schema["WebhookEndpointWithSecret"]).secret);
        }}>
        <p className="soft">
          For a while messages carry both signatures, so that the receiver can change over without losing one.
        </p>
        <Field label="Hours with both" name="hours" type="number" min={0} max={168} defaultValue="24" required />
      </Ask>
    ),
    delete: (
      <Ask
        title="Delete this endpoint?"
        action="Delete it"
        danger
        keep="Keep it"
        onClose={() => setOpen(undefined)}
        run={async () => {
          await get(api.DELETE("/v1/webhook-endpoints/{id}", { params }));
          void navigate({ to: "/webhooks" });
        }}>
        <p>
          {endpoint.url} is told nothing any more.{" "}
          {endpoint.backlog > 0
            ? `${endpoint.backlog} messages that were not delivered are lost to it.`
            : "Nothing waits to be sent."}{" "}
          This cannot be undone.
        </p>
      </Ask>
    ),
  };
  return (
    <>
      <div className="row">
        <Button busy={test.isPending} onClick={() => test.mutate()}>
          Send a test message
        </Button>
        <Button onClick={() => setOpen("replay")}>Send events again</Button>
        <Button onClick={() => setOpen("rotate")}>New secret</Button>
        <OnOff status={endpoint.status} turn={turn} changed={changed} />
        <Button kind="danger" onClick={() => setOpen("delete")}>
          Delete
        </Button>
      </div>
      {test.data && <TestResult result={test.data} />}
      {test.error && <Refused problem={test.error} />}
      {open && dialogs[open]}
      {secret && (
        <Secret title="The new secret" secret={secret} onClose={() => setSecret(undefined)}>
          Messages are signed with it from now on.
        </Secret>
      )}
    </>
  );
}

/// One endpoint with what was sent to it.
export function Webhook() {
  const { id } = useParams<{ id: string }>();
  const endpoint = useQuery({
    queryKey: ["webhook", id],
    queryFn: () => get(api.GET("/v1/webhook-endpoints/{id}", { params: { path: { id } } })),
    refetchInterval: readEveryMs,
  });
  const { data, error } = endpoint;
  const { isAdmin } = useRights();
  return (
    <div className="stack">
      <p className="small">
        <Link to="/webhooks">← Webhooks</Link>
      </p>
      {error && <Refused problem={error} retry={() => void endpoint.refetch()} />}
      {!data && !error && <Skeleton height={64} />}
      {data && (
        <>
          <div className="page-head">
            <h1>{data.url}</h1>
            <Badge tone={targetState(data).tone}>{targetState(data).text}</Badge>
          </div>
          {isAdmin ? (
            <Actions endpoint={data} changed={() => void endpoint.refetch()} />
          ) : (
            <p className="soft small">An admin can change it.</p>
          )}
          <div className="card">
            <dl className="facts">
              {data.description && (
                <>
                  <dt>What it is</dt>
                  <dd>{data.description}</dd>
                </>
              )}
              <dt>Wants</dt>
              <dd>
                <code>{data.types.join(" ")}</code>
              </dd>
              <dt>To be sent</dt>
              <dd className="number">{data.backlog}</dd>
              <Progress of={data} />
              {data.previous_secret_until && (
                <>
                  <dt>Old secret until</dt>
                  <dd>
                    <Time at={data.previous_secret_until} />
                  </dd>
                </>
              )}
              {data.replay && (
                <>
                  <dt>Sends again</dt>
                  <dd>
                    events behind <code>{data.replay.after}</code>, now at <code>{data.replay.position}</code>
                  </dd>
                </>
              )}
            </dl>
          </div>
          <MessageLog endpoint={id} canRetry={isAdmin} />
        </>
      )}
    </div>
  );
}
