import { memo, useEffect, useRef } from "react";

import { eventText, eventTone } from "../words/events";
import { shortId } from "../words/orders";
import { durationText } from "../words/times";
import { orderOf } from "./run-events";
import { lanes, type Message } from "./story";

/// Who looks at the end goes on with it; who looks at something before is left there.
const nearEndPx = 48;

const position = (lane: Message["from"]) => (100 * (lanes.indexOf(lane) + 0.5)) / lanes.length;

interface RowProperties {
  message: Message;
  isNewest: boolean;
  /// Several orders are drawn: it says of which one it is.
  namesOrder: boolean;
}

const Row = memo(
  function Row({ message: { event, from, to, atMs }, isNewest, namesOrder }: RowProperties) {
    const [left, right] = [Math.min(position(from), position(to)), Math.max(position(from), position(to))];
    const order = namesOrder ? orderOf(event) : undefined;
    return (
      <li className={isNewest ? "newest" : ""}>
        <span className="lane-time number soft">{durationText(atMs)}</span>
        <svg aria-hidden="true" className={`lane-arrow tone-line-${eventTone(event.type)}`}>
          {lanes.map((lane) => (
            <line
              key={lane}
              className="lane-line"
              x1={`${position(lane)}%`}
              x2={`${position(lane)}%`}
              y1="0"
              y2="100%"
            />
          ))}
          <line x1={`${left}%`} x2={`${right}%`} y1="50%" y2="50%" />
          <circle cx={`${position(to)}%`} cy="50%" r="4" />
        </svg>
        <span className="lane-text">
          <span className="unseen">{from === to ? `${to}: ` : `${from} to ${to}: `}</span>
          {eventText(event)} <code className="soft">{event.type}</code>
          {order && (
            <>
              {" "}
              <code className="soft" title={order}>
                {shortId(order)}
              </code>
            </>
          )}
        </span>
      </li>
    );
  },
  (before, now) =>
    before.message.event === now.message.event &&
    before.message.atMs === now.message.atMs &&
    before.isNewest === now.isNewest &&
    before.namesOrder === now.namesOrder,
);

/// Those who take part as columns, and what one did to another as arrows, the latest at the end.
export function Lanes({ messages, seen }: { messages: readonly Message[]; seen: number }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [seen]);
  const namesOrder = new Set(messages.map(({ event }) => orderOf(event))).size > 1;
  return (
    <div
      ref={box}
      className="lanes"
      role="region"
      aria-label="What happened"
      tabIndex={0}
      onScroll={({ currentTarget: at }) => {
        isAtEnd.current = at.scrollTop + at.clientHeight > at.scrollHeight - nearEndPx;
      }}>
      <div className="lane-heads" aria-hidden="true">
        {lanes.map((lane) => (
          <span key={lane}>{lane}</span>
        ))}
      </div>
      <ol>
        {messages.slice(0, seen).map((message, index) => (
          <Row key={message.event.id} message={message} isNewest={index === seen - 1} namesOrder={namesOrder} />
        ))}
      </ol>
    </div>
  );
}
