import "./stories.css";

import { type ReactNode, useEffect, useMemo } from "react";

import { useRights } from "../session/rights";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Refused } from "../ui/Refused";
import { Skeleton } from "../ui/Skeleton";
import { Checks, Now, Steps } from "./Aside";
import { Lanes } from "./Lanes";
import { mostOrders } from "./run-events";
import { storyOf, titleOf } from "./story";
import { useReplay } from "./use-replay";
import { useRun } from "./use-run";
import { useScenarios } from "./use-scenarios";

interface Properties {
  /// The scenario's, from the address.
  number: string;
  /// The run that stands in the address; empty: none yet.
  run: string;
  onRun: (run: string) => void;
  /// A link leads here that means: play it.
  startsByItself?: boolean;
  back: ReactNode;
  orderLink: (order: string) => ReactNode;
}

/// One scenario: played against this system and seen as it happens; then its report, and again as slowly as one likes.
export function StoryView({ number, run: id, onRun, startsByItself = false, back, orderLink }: Properties) {
  const scenarios = useScenarios();
  const { mayChange } = useRights();
  const scenario = scenarios.data?.items.find((one) => String(one.scenario) === number);
  const { start, run, read, seen, isPreparing, play } = useRun(number, id, onRun);
  const messages = useMemo(() => storyOf([...seen.events, ...(read.data ?? [])]), [seen.events, read.data]);
  const replay = useReplay(messages, id);
  const isPlaying = isPreparing || start.isPending || run.data?.status === "running";
  const report = isPlaying ? undefined : run.data?.report;
  const mayBegin = mayChange && startsByItself && id === "" && scenario !== undefined && !scenario.obstacle;
  useEffect(() => {
    if (mayBegin) return play();
    // `play` is new each time; it begins once.
  }, [mayBegin]);
  if (scenarios.data && !scenario)
    return (
      <Empty isPage title="There is no such scenario">
        {back}
      </Empty>
    );
  const problems = [scenarios.error, start.error, run.error, read.error].filter((error) => error !== null);
  return (
    <div className="stack">
      <p className="small">{back}</p>
      <div className="story-head">
        <h1>{scenario ? titleOf(scenario.scenario, scenario.name) : <Skeleton width={80} height={8} />}</h1>
        {scenario && !scenario.obstacle && mayChange && (
          <Button kind="main" busy={isPlaying} onClick={() => void play()}>
            {isPlaying ? "Playing …" : id ? "Play it again" : "Play it"}
          </Button>
        )}
        {scenario && (
          <p className="soft">
            {scenario.summary}
            {scenario.needs_chaos && " It breaks something on purpose."}
          </p>
        )}
      </div>
      {scenario?.obstacle && <p className="notice tone-attention">It cannot be played here: {scenario.obstacle}.</p>}
      {problems.map((error) => (
        <Refused key={String(error)} problem={error} />
      ))}
      {run.data?.status === "failed" && !isPlaying && (
        <p className="notice tone-refused" role="alert">
          It could not be played to its end: {run.data.detail ?? "the node does not say why"}.
        </p>
      )}
      {!id && !isPlaying && !mayBegin && scenario && !scenario.obstacle && (
        <Empty title="Not played yet">
          <p>
            It is played against this system, now, with a customer and products of its own. You see what happens as it
            happens.
          </p>
        </Empty>
      )}
      {(isPlaying || report) && (
        <div className="story">
          <section className="card stack tight" aria-label="What happened">
            <div className="row between">
              <div className="row" role="group" aria-label="Replay">
                <Button kind="tiny" disabled={!report} onClick={() => replay.play(1)}>
                  1×
                </Button>
                <Button kind="tiny" disabled={!report} onClick={() => replay.play(0.1)}>
                  0.1×
                </Button>
                <Button kind="tiny" disabled={!replay.isPlaying} onClick={replay.pause}>
                  Pause
                </Button>
                <Button kind="tiny" disabled={!report} aria-label="One step back" onClick={() => replay.step(-1)}>
                  ←
                </Button>
                <Button kind="tiny" disabled={!report} aria-label="One step on" onClick={() => replay.step(1)}>
                  →
                </Button>
              </div>
              <span className="soft small number" role="status">
                {isPlaying ? `${messages.length} so far` : `${replay.seen} of ${messages.length}`}
              </span>
            </div>
            <Lanes messages={messages} seen={replay.seen} />
            {report && report.order_ids.length > mostOrders && (
              <p className="soft small">
                The first {mostOrders} of {report.order_ids.length} orders are drawn.
              </p>
            )}
          </section>
          {report ? (
            <Checks report={report} isOver={replay.seen >= messages.length && !read.isPending} orderLink={orderLink} />
          ) : (
            <Now
              events={seen.events}
              drawn={seen.drawn}
              orders={seen.orders}
              counts={seen.counts}
              orderLink={orderLink}
            />
          )}
        </div>
      )}
      {report && <Steps steps={report.steps} />}
    </div>
  );
}
