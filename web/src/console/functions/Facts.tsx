import type { Schema } from "../../api/client";
import { Time } from "../../ui/Time";
import { sentence } from "../../words/problems";
import { durationText } from "../../words/times";
import { Link } from "../go";
import { Id } from "../kit/Id";
import { choiceOf, guardChoices } from "./words";

type Progress = Schema["FunctionProgress"];

/// What came of the events that a function is called for.
function Events({ progress: { handled, notifications, skipped, lag_ms, last_error } }: { progress: Progress }) {
  return (
    <>
      <dt>Events taken</dt>
      <dd className="number">
        {handled}, {notifications} {notifications === 1 ? "customer" : "customers"} told, {skipped} skipped
      </dd>
      {lag_ms > 0 && (
        <>
          <dt>Behind by</dt>
          <dd className="number">{durationText(lag_ms)}</dd>
        </>
      )}
      {last_error && (
        <>
          <dt>Skipped last</dt>
          <dd>
            <Link
              className="in-text"
              to="/log"
              search={{ stream: last_error.event_id.replace(/^evt_(.*)\.\d+$/, "$1"), after: "earliest" }}>
              {last_error.type}
            </Link>{" "}
            <Time at={last_error.at} />, after {last_error.attempts} attempts. {sentence(last_error.message)} Register a
            version that works; what was skipped is not called for again.
          </dd>
        </>
      )}
    </>
  );
}

/// When a function runs, and what came of it.
export const Facts = ({ of }: { of: Schema["Function"] }) => (
  <div className="card">
    <dl className="facts">
      <dt>Called for events</dt>
      <dd>{of.triggers?.length ? <code>{of.triggers.join(" ")}</code> : <span className="soft">for none</span>}</dd>
      <dt>Orders</dt>
      <dd>{guardChoices[choiceOf(of.guard)].name}</dd>
      {of.progress && <Events progress={of.progress} />}
      {of.registered_by && (
        <>
          <dt>Registered by</dt>
          <dd>
            {of.registered_by.kind} <Id of={of.registered_by.id} />
            {of.registered_at && (
              <>
                , <Time at={of.registered_at} />
              </>
            )}
          </dd>
        </>
      )}
      {!of.built_in && (
        <>
          <dt>What became of it</dt>
          <dd>
            <Link to="/log" search={{ stream: `fun_${of.name}`, after: "earliest" }}>
              Its events
            </Link>
          </dd>
        </>
      )}
    </dl>
  </div>
);
