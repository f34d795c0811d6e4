import "../kit/kit.css";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useNow } from "../../live/use-visible";
import { useRights } from "../../session/rights";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { Link, useNavigate, useParams } from "../go";
import { Ask } from "../kit/Ask";
import { Id } from "../kit/Id";
import { OnOff } from "../kit/targets/OnOff";
import { Progress } from "../kit/targets/Progress";
import { targetState } from "../kit/targets/state";
import { Fields, filledIn } from "./Fields";
import { useWaiting } from "./use-waiting";
import { brokerOf, patchOf, waitingText } from "./words";

type OneSink = Schema["Sink"];
const readEveryMs = 3_000;

/// What is done to a sink; for admins.
function Actions({ sink, waits, changed }: { sink: OneSink; waits: string; changed: () => void }) {
  const [open, setOpen] = useState<"change" | "delete">();
  const navigate = useNavigate();
  const path = { id: sink.id };
  const name = brokerOf(sink)?.name ?? sink.broker;
  const dialogs: Record<string, ReactNode> = {
    change: (
      <Ask
        title="Change this sink"
        action="Change it"
        onClose={() => {
          setOpen(undefined);
          changed();
        }}
        run={({ forget, ...values }) =>
          get(
            api.PATCH("/v1/sinks/{id}", {
              // Nobody overwrites what somebody else has changed meanwhile.
              params: { path, header: { "If-Match": `"${sink.version}"` } },
              body: patchOf(sink, filledIn(values), forget === "yes"),
            }),
          )
        }>
        <p className="soft">It goes on behind the last event that the broker has confirmed, also at another address.</p>
        <Fields sink={sink} />
      </Ask>
    ),
    delete: (
      <Ask
        title="Delete this sink?"
        action="Delete it"
        danger
        keep="Keep it"
        onClose={() => setOpen(undefined)}
        run={async () => {
          await get(api.DELETE("/v1/sinks/{id}", { params: { path } }));
          void navigate({ to: "/sinks" });
        }}>
        <p>
          {name} at {sink.url} gets no more events in <code>{sink.destination}</code>; what it has stays there. Waits to
          be sent, and never will be: {waits}. Its password is forgotten at once. This cannot be undone.
        </p>
      </Ask>
    ),
  };
  return (
    <>
      <div className="row">
        <Button onClick={() => setOpen("change")}>Change</Button>
        <OnOff
          status={sink.status}
          changed={changed}
          turn={(status) => get(api.PATCH("/v1/sinks/{id}", { params: { path }, body: { status } }))}
        />
        <Button kind="danger" onClick={() => setOpen("delete")}>
          Delete
        </Button>
      </div>
      {open && dialogs[open]}
    </>
  );
}

function Facts({ sink, waits }: { sink: OneSink; waits: string }) {
  const words = brokerOf(sink);
  return (
    <div className="card">
      <dl className="facts">
        {sink.description && (
          <>
            <dt>What it is</dt>
            <dd>{sink.description}</dd>
          </>
        )}
        <dt>Broker</dt>
        <dd>{words?.name ?? sink.broker}</dd>
        <dt>{words?.destination ?? "Where"}</dt>
        <dd>
          <code>{sink.destination}</code>
        </dd>
        <dt>User</dt>
        <dd>{sink.user ?? <span className="soft">none</span>}</dd>
        <dt>Wants</dt>
        <dd>
          <code>{sink.types.join(" ")}</code>
        </dd>
        <dt>To be sent</dt>
        <dd className="number">
          {waits} ·{" "}
          <Link className="in-text" to="/log" search={{ after: sink.position, types: sink.types.join(" ") }}>
            look in the log
          </Link>
        </dd>
        <dt>Confirmed up to</dt>
        <dd>
          <Id of={sink.position} />
        </dd>
        <Progress of={sink} />
        <dt>Made</dt>
        <dd>
          <Time at={sink.created_at} />
        </dd>
        <dt>What became of it</dt>
        <dd>
          <Link to="/log" search={{ stream: sink.id, after: "earliest" }}>
            Its events
          </Link>
        </dd>
      </dl>
    </div>
  );
}

function Known({ sink, changed }: { sink: OneSink; changed: () => void }) {
  const { isAdmin } = useRights();
  const [about] = useWaiting([sink], readEveryMs);
  const now = useNow(readEveryMs);
  const waits = about?.waiting ? waitingText(about.waiting, now) : about?.isRefused ? "not known" : "…";
  const { text, tone } = targetState(sink);
  return (
    <>
      <div className="page-head">
        <h1 className="long">{sink.url}</h1>
        <Badge tone={tone}>{text}</Badge>
      </div>
      {isAdmin ? (
        <Actions sink={sink} waits={waits} changed={changed} />
      ) : (
        <p className="soft small">An admin can change it.</p>
      )}
      <Facts sink={sink} waits={waits} />
    </>
  );
}

/// One sink, with how it goes.
export function Sink() {
  const { id } = useParams<{ id: string }>();
  const { data, error, refetch } = useQuery({
    queryKey: ["sink", id],
    queryFn: () => get(api.GET("/v1/sinks/{id}", { params: { path: { id } } })),
    refetchInterval: readEveryMs,
  });
  return (
    <div className="stack">
      <p className="small">
        <Link to="/sinks">← Sinks</Link>
      </p>
      {error && <Refused problem={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={64} />}
      {data && <Known sink={data} changed={() => void refetch()} />}
    </div>
  );
}
