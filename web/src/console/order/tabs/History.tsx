import { useQuery } from "@tanstack/react-query";

import { api, get, type Schema } from "../../../api/client";
import type { Event } from "../../../live/connection";
import { Button } from "../../../ui/Button";
import { Refused } from "../../../ui/Refused";
import { Skeleton } from "../../../ui/Skeleton";
import { Time } from "../../../ui/Time";
import { eventText } from "../../../words/events";
import { readableJson } from "../../../words/money";
import { differences } from "../diff";

type Order = Schema["Order"];

const useVersion = (id: string, version: number) =>
  useQuery({
    queryKey: ["order version", id, version],
    enabled: version > 0,
    // It never changes.
    staleTime: Infinity,
    queryFn: () => get(api.GET("/v1/orders/{id}/history/{version}", { params: { path: { id, version } } })),
  });

interface Properties {
  order: Order;
  events: readonly Event[];
  version: number;
  onLook: (version: number) => void;
}

/// The order as it was after one of its events, and what that event changed.
export function History({ order, events, version, onLook }: Properties) {
  const now = useVersion(order.id, version);
  const before = useVersion(order.id, version - 1);
  const event = events.find(({ stream, version: one }) => stream === order.id && one === version);
  const error = now.error ?? before.error;
  const isKnown = now.data !== undefined && (version === 1 || before.data !== undefined);
  return (
    <div className="stack">
      <div className="row">
        <Button aria-label="The version before" disabled={version <= 1} onClick={() => onLook(version - 1)}>
          ◀
        </Button>
        <strong className="number">
          version {version} of {order.version}
        </strong>
        <Button aria-label="The next version" disabled={version >= order.version} onClick={() => onLook(version + 1)}>
          ▶
        </Button>
        {event && (
          <span>
            {eventText(event)} <code className="soft small">{event.type}</code> <Time at={event.occurred_at} />
          </span>
        )}
      </div>
      {error ? (
        <Refused
          problem={error}
          retry={() => {
            void now.refetch();
            void before.refetch();
          }}
        />
      ) : !isKnown ? (
        <Skeleton height={48} />
      ) : (
        <>
          {version > 1 && (
            <div className="wide-table" tabIndex={0} role="region" aria-label="What changed">
              <table>
                <thead>
                  <tr>
                    <th>What changed</th>
                    <th>Before</th>
                    <th>After</th>
                  </tr>
                </thead>
                <tbody>
                  {differences(before.data, now.data).map((one) => (
                    <tr key={one.path}>
                      <td>
                        <code>{one.path}</code>
                      </td>
                      <td className="soft">{one.before}</td>
                      <td>{one.after}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <pre tabIndex={0} aria-label={`The order at version ${version}`}>
            {readableJson(now.data, 2)}
          </pre>
        </>
      )}
    </div>
  );
}
