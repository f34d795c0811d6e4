import type { Event } from "../../../live/connection";
import { Copy } from "../../../ui/Copy";
import { Time } from "../../../ui/Time";
import { eventText } from "../../../words/events";
import { exactTime } from "../../../words/times";

/// What people did, and the requests that it came with. What the system does by itself stands in the events.
export function Who({ events }: { events: readonly Event[] }) {
  const byPeople = events.filter(({ by }) => by.kind !== "system");
  return (
    <div className="wide-table" tabIndex={0} role="region" aria-label="What people did">
      <table>
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th>Request</th>
          </tr>
        </thead>
        <tbody>
          {byPeople.map((event) => (
            <tr key={event.id}>
              <td>
                <Time at={event.occurred_at} text={exactTime(event.occurred_at)} />
              </td>
              <td>
                {event.by.kind} <code>{event.by.id}</code>
              </td>
              <td>{eventText(event)}</td>
              <td>
                <code>{event.correlation_id}</code>{" "}
                <Copy text={event.correlation_id} name="Copy the request's number" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
