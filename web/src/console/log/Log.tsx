import "../kit/kit.css";
import "./log.css";

import { type FormEvent, useMemo, useRef, useState } from "react";

import { node } from "../../api/node";
import type { Event } from "../../live/connection";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Empty } from "../../ui/Empty";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { type RowsHandle, VirtualRows } from "../../ui/VirtualRows";
import { eventText, eventTone } from "../../words/events";
import { exactTime } from "../../words/times";
import { Id } from "../kit/Id";
import { useAddress } from "../kit/address";
import { EventDetail } from "./EventDetail";
import { curlOf, typesOf } from "./log-buffer";
import { useLog } from "./use-log";

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const rowHeight = 40;
const groups = [
  ["", "All"],
  ["order.*", "Orders"],
  ["payment.*", "Payments"],
  ["delivery.*", "Deliveries"],
  ["stock.* product.*", "Stock"],
  ["courier.*", "Couriers"],
  ["bulk_action.*", "Bulk actions"],
  ["user.*", "Accounts"],
  ["webhook.*", "Webhooks"],
  ["sink.*", "Sinks"],
  ["function.*", "Functions"],
] as const;

function Filters() {
  const [address, change] = useAddress();
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const text = (name: string) => String(values.get(name) ?? "").trim();
    change(
      { types: typesOf(text("types")).join(" "), stream: text("stream"), after: text("after") },
      { replace: false },
    );
  }
  return (
    <form
      key={JSON.stringify([address["types"], address["stream"], address["after"]])}
      className="log-filters"
      onSubmit={send}>
      <div className="chips" role="group" aria-label="Events about">
        {groups.map(([types, name]) => (
          <button
            key={name}
            type="button"
            className="chip"
            aria-pressed={(address["types"] ?? "") === types}
            onClick={() => change({ types })}>
            {name}
          </button>
        ))}
      </div>
      <label className="inline-field">
        <span>Types</span>
        <input
          className="input"
          name="types"
          defaultValue={address["types"] ?? ""}
          placeholder="order.* payment.declined"
        />
      </label>
      <label className="inline-field">
        <span>About (id)</span>
        <input className="input" name="stream" defaultValue={address["stream"] ?? ""} placeholder="ord_…" />
      </label>
      <label className="inline-field">
        <span>From position</span>
        <input className="input" name="after" defaultValue={address["after"] ?? ""} placeholder="now on" />
      </label>
      <Button type="submit">Show</Button>
    </form>
  );
}

const Row = ({ event, isChosen, choose }: { event: Event; isChosen: boolean; choose: () => void }) => (
  <button type="button" className={`log-row ${isChosen ? "chosen" : ""}`} onClick={choose} aria-expanded={isChosen}>
    <time className="soft" dateTime={event.occurred_at} title={exactTime(event.occurred_at)}>
      {clock.format(new Date(event.occurred_at))}
    </time>
    <span className={`log-mark mark-${eventTone(event.type)}`} aria-hidden="true" />
    <span className="log-text">{eventText(event)}</span>
    <code className="soft log-type">{event.type}</code>
    <span className="log-id soft">
      <Id of={event.stream} />
    </span>
  </button>
);

/// The event log: followed live, or read from a position on.
export function Log() {
  const [address, change] = useAddress();
  const filter = { types: typesOf(address["types"]), stream: address["stream"] ?? "", after: address["after"] ?? "" };
  const log = useLog(filter);
  const [isAtTop, setAtTop] = useState(true);
  const rows = useRef<RowsHandle>(null);
  // What is read from a position on is read as a text is: from there downwards.
  const events = useMemo(
    () => (log.isFollowing ? log.events : [...log.events].reverse()),
    [log.isFollowing, log.events],
  );
  const chosen = events.find(({ id }) => id === address["event"]);

  function step(by: number) {
    const at = events.findIndex(({ id }) => id === address["event"]);
    const next = events[at < 0 ? 0 : at + by];
    if (!next) return;
    change({ event: next.id });
    rows.current?.show(events.indexOf(next));
  }
  const isHeld = log.isFollowing && (log.isPaused || !isAtTop) && log.waitingCount > 0;
  return (
    <div
      className="log stack tight"
      onKeyDown={({ key, target }) => {
        if (target instanceof HTMLInputElement) return;
        if (key === "j") step(1);
        else if (key === "k") step(-1);
        else if (key === "Escape") change({ event: "" });
      }}>
      <div className="row between">
        <h1>Log</h1>
        <div className="row">
          {log.isFollowing ? (
            <Button onClick={() => log.pause(!log.isPaused)} aria-pressed={log.isPaused}>
              {log.isPaused ? "Go on" : "Pause"}
            </Button>
          ) : (
            <Button onClick={() => change({ after: "" })}>Follow from now on</Button>
          )}
          {log.isFollowing && (
            <Button onClick={() => change({ after: "earliest" }, { replace: false })}>Read from the beginning</Button>
          )}
          <Copy label="Copy as curl" text={curlOf(node, filter)} />
        </div>
      </div>
      <Filters />
      <p className="soft small" role="status">
        {log.isFollowing
          ? log.isPaused
            ? `Paused. ${log.waitingCount} new.`
            : "New events appear at the top as they happen."
          : log.reading.state === "reading"
            ? "Reading …"
            : `${events.length} events, the oldest first.`}
        {log.dropped > 0 && ` The oldest ${log.dropped} are no longer in this view.`}
        {log.isFollowing && filter.stream && " Only what happens to this one is shown."}
      </p>
      {log.reading.problem && <Refused problem={log.reading.problem} retry={log.readOn} />}
      <div className={`log-split ${chosen ? "open" : ""}`}>
        <div className="log-list card">
          {isHeld && (
            <button
              type="button"
              className="log-new"
              onClick={() => {
                log.pause(false);
                log.showWaiting();
              }}>
              {log.waitingCount} new
            </button>
          )}
          {log.reading.state === "reading" && log.events.length === 0 && (
            <div className="stack tight" aria-busy="true">
              <Skeleton height={8} />
              <Skeleton height={8} />
              <Skeleton height={8} />
            </div>
          )}
          {log.events.length === 0 && log.reading.state === "idle" && !log.reading.problem && (
            <Empty title={log.isFollowing ? "Nothing has happened yet" : "No events here"}>
              <p>
                {log.isFollowing
                  ? "What happens from now on appears here. To see what happened before, read from the beginning."
                  : "Nothing behind this position fits the filter."}
              </p>
            </Empty>
          )}
          {log.events.length > 0 && (
            <VirtualRows
              rows={events}
              rowHeight={rowHeight}
              label="Events"
              keyOf={({ id }) => id}
              handle={rows}
              onScroll={({ atTop }) => {
                setAtTop(atTop);
                if (log.isFollowing) log.pause(!atTop);
              }}>
              {(event) => (
                <Row
                  event={event}
                  isChosen={event.id === chosen?.id}
                  choose={() => change({ event: event.id === chosen?.id ? "" : event.id })}
                />
              )}
            </VirtualRows>
          )}
          {!log.isFollowing && log.reading.next !== null && log.events.length > 0 && (
            <div className="more">
              <Button busy={log.reading.state === "reading"} onClick={log.readOn}>
                Read on
              </Button>
            </div>
          )}
        </div>
        {chosen && (
          <EventDetail
            event={chosen}
            close={() => change({ event: "" })}
            jump={(after) => change({ after }, { replace: false })}
            only={(stream) => change({ stream, after: "earliest", types: "" }, { replace: false })}
          />
        )}
      </div>
    </div>
  );
}
