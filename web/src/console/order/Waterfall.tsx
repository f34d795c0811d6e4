import { type PointerEvent, useEffect, useRef, useState } from "react";

import { Button } from "../../ui/Button";
import { barOf, marksOf, markText, placeOf, type View, zoomed } from "./scale";
import { durationText, type Step } from "./steps";

/// The present time, while something moves.
export function useNow(isMoving: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isMoving) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isMoving]);
  return now;
}

const percent = (part: number) => `${(part * 100).toFixed(3)}%`;

function Bar({ step, view, now }: { step: Step; view: View; now: number }) {
  return step.stretches.map(({ from, to, tone, text }, index) => {
    const bar = barOf(view, from, to ?? now);
    if (!bar) return null;
    const title = `${text}: ${durationText((to ?? now) - from)}`;
    return (
      <span
        key={index}
        className={`bar tone-${tone} ${to === undefined ? "open" : ""}`}
        title={title}
        style={{ left: percent(bar.left), width: percent(bar.width) }}
      />
    );
  });
}

/// The time; one may drag over it to look at a part. A step is zoomed to by keyboard, too.
function Scale({ view, zero, onZoom }: { view: View; zero: number; onZoom: (view: View) => void }) {
  const begun = useRef<number | undefined>(undefined);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const placeIn = ({ clientX, currentTarget }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return (clientX - left) / width;
  };
  const end = () => {
    begun.current = undefined;
    setDrag(undefined);
  };
  return (
    <div
      className="scale"
      aria-hidden="true"
      title="Drag over a part to look at it"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        begun.current = placeIn(event);
      }}
      onPointerMove={(event) => begun.current !== undefined && setDrag({ from: begun.current, to: placeIn(event) })}
      onPointerUp={() => {
        if (drag && Math.abs(drag.to - drag.from) > 0.01) onZoom(zoomed(view, drag.from, drag.to));
        end();
      }}
      onPointerCancel={end}>
      {marksOf(view, zero).map((at) => (
        <span
          key={at}
          className={placeOf(view, at) > 0.9 ? "late" : undefined}
          style={{ left: percent(placeOf(view, at)) }}>
          {markText(at - zero)}
        </span>
      ))}
      {drag && (
        <span
          className="drag"
          style={{ left: percent(Math.min(drag.from, drag.to)), width: percent(Math.abs(drag.to - drag.from)) }}
        />
      )}
    </div>
  );
}

interface Properties {
  steps: readonly Step[];
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}

/// The steps of an order as bars over the time. The one under way grows.
export function Waterfall({ steps, chosen, onChoose }: Properties) {
  const isMoving = steps.some(({ to }) => to === undefined);
  const now = useNow(isMoving);
  const [part, setPart] = useState<View>();
  const zero = steps[0]?.from ?? now;
  const end = isMoving ? now : Math.max(...steps.map(({ to = now }) => to), zero + 1);
  const view = part ?? { from: zero, to: end };
  return (
    <section className="waterfall" aria-label="Timeline">
      <div className="line head">
        <span className="small soft">
          {durationText(end - zero)} {isMoving ? "until now" : "in all"}
        </span>
        <Scale view={view} zero={zero} onZoom={setPart} />
        <span className="zoom">
          {part && (
            <Button kind="tiny" onClick={() => setPart(undefined)}>
              Show all
            </Button>
          )}
        </span>
      </div>
      <ol>
        {steps.map((step) => (
          <li key={step.id}>
            <button
              type="button"
              className="line"
              aria-expanded={chosen === step.id}
              onClick={() => onChoose(chosen === step.id ? undefined : step.id)}>
              <span className="name">{step.name}</span>
              <span className="track" aria-hidden="true">
                <Bar step={step} view={view} now={now} />
              </span>
              <span className="outcome">
                <span className={`ink-${step.tone}`}>{step.outcome}</span>{" "}
                <span className="number soft">{durationText((step.to ?? now) - step.from)}</span>
              </span>
            </button>
            {chosen === step.id && (
              <Chosen
                step={step}
                onZoom={() => {
                  const to = step.to ?? now;
                  const room = Math.max((to - step.from) * 0.1, 5);
                  setPart({ from: step.from - room, to: to + room });
                }}
              />
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/// What is known of a step.
function Chosen({ step, onZoom }: { step: Step; onZoom: () => void }) {
  return (
    <div className="chosen">
      <ol>
        {step.events.map((event, index) => (
          <li key={event.id}>
            <span className="number soft">
              {index === 0
                ? new Date(event.occurred_at).toISOString().slice(11, 23)
                : `+${durationText(Date.parse(event.occurred_at) - step.from)}`}
            </span>
            <code>{event.type}</code>
            <span className="soft small">
              on {event.node}, by {event.by.kind} {event.by.id}
            </span>
          </li>
        ))}
      </ol>
      {step.key && (
        <p className="small">
          Provider's key <code>{step.key}</code>
        </p>
      )}
      <Button kind="tiny" onClick={onZoom}>
        Zoom to it
      </Button>
    </div>
  );
}
