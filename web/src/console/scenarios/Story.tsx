import "../kit/kit.css";
import "./scenarios.css";

import { useMemo } from "react";

import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Refused } from "../../ui/Refused";
import { Skeleton } from "../../ui/Skeleton";
import { sentence } from "../../words/problems";
import { durationText } from "../../words/times";
import { Link, useParams } from "../go";
import { Id } from "../kit/Id";
import { Lanes } from "./Lanes";
import { storyOf } from "./story";
import { useScenarios } from "./use-scenarios";
import { mostOrders, useRun } from "./use-run";
import { useReplay } from "./use-replay";

/// One scenario: played against this system, then shown again as slowly as one likes.
export function Story() {
  const { number = "" } = useParams<{ number: string }>();
  const scenarios = useScenarios();
  const scenario = scenarios.data?.items.find((one) => String(one.scenario) === number);
  const { id, start, run, events } = useRun(number);
  const messages = useMemo(() => storyOf(events.data ?? []), [events.data]);
  const replay = useReplay(messages);
  const report = run.data?.report;
  const isRunning = start.isPending || run.data?.status === "running";
  const isOver = messages.length > 0 ? replay.seen >= messages.length : !events.isPending;
  if (scenarios.data && !scenario) return <Empty title="There is no such scenario"><Link to="/scenarios">All scenarios</Link></Empty>;
  return (
    <div className="stack">
      <p className="small"><Link to="/scenarios">← Scenarios</Link></p>
      <div className="page-head">
        <h1>{scenario ? `${scenario.scenario}. ${sentence(scenario.name).replace(/\.$/, "")}` : <Skeleton width={80} height={8} />}</h1>
        {scenario && !scenario.obstacle && <Button kind="main" busy={isRunning} onClick={() => start.mutate()}>{isRunning ? "Playing …" : id ? "Play it again" : "Play it"}</Button>}
        {scenario && <p className="soft">{scenario.summary}{scenario.needs_chaos && " It breaks something on purpose."}</p>}
      </div>
      {scenario?.obstacle && <p className="notice tone-attention">It cannot be played here: {scenario.obstacle}.</p>}
      {[scenarios.error, start.error, run.error, events.error].filter((error) => error !== null).map((error) => <Refused key={String(error)} problem={error} />)}
      {run.data?.status === "failed" && <p className="notice tone-refused" role="alert">It could not be played to its end: {run.data.detail ?? "the node does not say why"}.</p>}
      {!id && scenario && !scenario.obstacle && <Empty title="Not played yet"><p>It is played against this system, now, with a customer and products of its own. Then you can watch it again, as slowly as you like.</p></Empty>}
      {isRunning && id && <p className="soft" role="status">It is being played. What happened is shown as soon as it is over.</p>}
      {report && (
        <div className="story">
          <section className="card stack tight" aria-label="What happened">
            <div className="row between">
              <div className="row" role="group" aria-label="Replay">
                <Button kind="tiny" onClick={() => replay.play(1)}>1×</Button>
                <Button kind="tiny" onClick={() => replay.play(0.1)}>0.1×</Button>
                <Button kind="tiny" disabled={!replay.isPlaying} onClick={replay.pause}>Pause</Button>
                <Button kind="tiny" aria-label="One step back" onClick={() => replay.step(-1)}>←</Button>
                <Button kind="tiny" aria-label="One step on" onClick={() => replay.step(1)}>→</Button>
              </div>
              <span className="soft small number" role="status">{replay.seen} of {messages.length}</span>
            </div>
            <Lanes messages={messages} seen={replay.seen} />
            {report.order_ids.length > mostOrders && <p className="soft small">The first {mostOrders} of {report.order_ids.length} orders are drawn.</p>}
          </section>
          <section className="card stack tight" aria-labelledby="checks">
            <div className="row between">
              <h2 id="checks">Checks</h2>
              {isOver && <Badge tone={report.verdict === "pass" ? "done" : "refused"}>{report.verdict === "pass" ? "Passed" : "Failed"}</Badge>}
            </div>
            <ul className="checks">
              {report.expectations.map(({ text, ok }, index) => (
                <li key={text + String(index)} className={!isOver ? "open" : ok ? "ok" : "wrong"}>
                  <span aria-hidden="true">{!isOver ? "○" : ok ? "✓" : "✕"}</span> {text}<span className="unseen">{isOver ? (ok ? ": holds" : ": does not hold") : ""}</span>
                </li>
              ))}
            </ul>
            <p className="soft small">Took {durationText(report.duration_ms)}. {report.order_ids.slice(0, mostOrders).map((order) => <span key={order}><Link to={`/orders/${order}`}><Id of={order} /></Link> </span>)}</p>
          </section>
        </div>
      )}
    </div>
  );
}
