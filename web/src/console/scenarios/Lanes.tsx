import { useEffect, useRef } from "react";

import { eventText, eventTone } from "../../words/events";
import { durationText } from "../../words/times";
import { lanes, type Message } from "./story";

const position = (lane: Message["from"]) => (100 * (lanes.indexOf(lane) + 0.5)) / lanes.length;

/// Those who take part as columns, and what one did to another as arrows, the latest at the end.
export function Lanes({ messages, seen }: { messages: readonly Message[]; seen: number }) {
  const last = useRef<HTMLLIElement>(null);
  useEffect(() => {
    void last.current?.scrollIntoView({ block: "nearest" });
  }, [seen]);
  return (
    <div className="lanes" role="region" aria-label="What happened" tabIndex={0}>
      <div className="lane-heads" aria-hidden="true">{lanes.map((lane) => <span key={lane}>{lane}</span>)}</div>
      <ol>
        {messages.slice(0, seen).map(({ event, from, to, atMs }, index) => {
          const [left, right] = [Math.min(position(from), position(to)), Math.max(position(from), position(to))];
          return (
            <li key={event.id} ref={index === seen - 1 ? last : undefined} className={index === seen - 1 ? "newest" : ""}>
              <span className="lane-time number soft">{durationText(atMs)}</span>
              <svg aria-hidden="true" className={`lane-arrow tone-line-${eventTone(event.type)}`}>
                {lanes.map((lane) => <line key={lane} className="lane-line" x1={`${position(lane)}%`} x2={`${position(lane)}%`} y1="0" y2="100%" />)}
                <line x1={`${left}%`} x2={`${right}%`} y1="50%" y2="50%" />
                <circle cx={`${position(to)}%`} cy="50%" r="4" />
              </svg>
              <span className="lane-text"><span className="unseen">{from === to ? `${to}: ` : `${from} to ${to}: `}</span>{eventText(event)} <code className="soft">{event.type}</code></span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
