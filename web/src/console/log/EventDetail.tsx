import type { Event } from "../../live/connection";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { eventText } from "../../words/events";
import { exactTime } from "../../words/times";
import { Link } from "../go";
import { pageOf } from "../kit/page-of";

interface Properties {
  event: Event;
  close: () => void;
  jump: (position: string) => void;
  only: (stream: string) => void;
}

function Stream({ id }: { id: string }) {
  const page = pageOf(id);
  return page ? (
    <Link to={page}>
      <code>{id}</code>
    </Link>
  ) : (
    <code>{id}</code>
  );
}

/// All that is known of one event.
export const EventDetail = ({ event, close, jump, only }: Properties) => (
  <aside className="card event-detail" aria-label="The event">
    <header>
      <h2>{eventText(event)}</h2>
      <Button kind="plain tiny" onClick={close} aria-label="Close">
        ×
      </Button>
    </header>
    <dl className="facts">
      <dt>Type</dt>
      <dd>
        <code>{event.type}</code>
      </dd>
      <dt>About</dt>
      <dd>
        <Stream id={event.stream} />, version {event.version}
      </dd>
      <dt>When</dt>
      <dd>{exactTime(event.occurred_at)}</dd>
      <dt>By</dt>
      <dd>
        {event.by.kind} <code>{event.by.id}</code>
      </dd>
      <dt>On node</dt>
      <dd>{event.node}</dd>
      <dt>Request</dt>
      <dd>
        <code>{event.correlation_id || "–"}</code>
      </dd>
      {event.causation_id && (
        <>
          <dt>Led to by</dt>
          <dd>
            <code>{event.causation_id}</code>
          </dd>
        </>
      )}
      <dt>Position</dt>
      <dd>
        <code>{event.position}</code>
      </dd>
    </dl>
    <pre tabIndex={0} aria-label="Data">
      {JSON.stringify(event.data, null, 2)}
    </pre>
    <div className="row">
      <Button onClick={() => only(event.stream)}>All about this one</Button>
      <Button onClick={() => jump(event.position)}>Read on from here</Button>
      <Copy label="Copy as JSON" text={JSON.stringify(event, null, 2)} />
    </div>
  </aside>
);
