import type { Event } from "../../../live/connection";
import { Copy } from "../../../ui/Copy";
import { exactTime } from "../../../words/times";
import { eventText, eventTone } from "../../../words/events";
import { durationText } from "../steps";

interface Properties {
  events: readonly Event[];
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}

/// Everything that happened, with its data.
export function Events({ events, chosen, onChoose }: Properties) {
  const first = Date.parse(events[0]?.occurred_at ?? "");
  return (
    <ol className="events">
      {events.map((event) => (
        <li key={event.id}>
          <button
            type="button"
            aria-expanded={chosen === event.id}
            onClick={() => onChoose(chosen === event.id ? undefined : event.id)}>
            <time className="number soft" dateTime={event.occurred_at} title={exactTime(event.occurred_at)}>
              +{durationText(Date.parse(event.occurred_at) - first)}
            </time>
            <span className={`dot ink-${eventTone(event.type)}`} aria-hidden="true" />
            <span>{eventText(event)}</span>
            <code className="soft small">{event.type}</code>
          </button>
          {chosen === event.id && (
            <div className="stack tight event-data">
              <pre tabIndex={0} aria-label="The event as it is in the log">
                {JSON.stringify(event, null, 2)}
              </pre>
              <div>
                <Copy text={JSON.stringify(event, null, 2)} name="Copy the event" />
              </div>
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
