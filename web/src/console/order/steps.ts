import type { Event } from "../../live/connection";
import { amountText, type Money } from "../../words/money";
import { operatorReasonText } from "../../words/operator";
import { shortId, type Tone } from "../../words/orders";

/// A part of a step's bar. Without `to` it is under way.
export interface Stretch {
  from: number;
  to?: number;
  tone: Tone;
  text: string;
}

/// A step of an order as its events tell it, in milliseconds since 1970. Without `to` it is under way.
export interface Step {
  id: string;
  name: string;
  from: number;
  to?: number;
  tone: Tone;
  /// How it went, or how it stands.
  outcome: string;
  stretches: Stretch[];
  events: Event[];
  /// When the system acts by itself, as its latest event says.
  deadline?: number;
  /// Under which the provider knows it.
  key?: string;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const money = (value: unknown) => amountText(value as Money);
const why = ({ data }: Event) =>
  text(data["reason"]) ? `: ${operatorReasonText(text(data["reason"])).replace(/\.$/, "").toLowerCase()}` : "";
const courier = ({ data }: Event) => shortId(text(data["courier"]));
const at = (event: Event) => Date.parse(event.occurred_at);

const operationNames: Record<string, string> = {
  authorize: "Payment",
  capture: "Capture",
  void_authorization: "Void",
  refund: "Refund",
};
/// The outcome that an event means for the step that it ends.
const ends: Record<string, [tone: Tone, text: (event: Event) => string]> = {
  "order.stock_reserved": ["done", () => "reserved"],
  "order.stock_rejected": [
    "refused",
    ({ data }) => `${Number(data["requested"])} wanted, ${Number(data["available"])} there`,
  ],
  "payment.authorized": ["done", ({ data }) => `${money(data["amount"])} authorised`],
  "payment.declined": ["refused", (event) => `the provider declined${why(event)}`],
  "payment.captured": ["done", ({ data }) => `${money(data["amount"])} captured`],
  "payment.voided": ["done", () => "voided"],
  "payment.refunded": ["done", ({ data }) => `${money(data["amount"])} refunded`],
  "order.fulfillment_started": ["done", () => "a courier was asked for"],
  "delivery.declined": ["refused", (event) => `declined${why(event)}`],
  "delivery.aborted": ["refused", (event) => `gave up${why(event)}`],
  "delivery.completed": ["done", () => "handed over"],
  "delivery.cancelled": ["waiting", () => "called off"],
  "order.released": ["done", () => "released"],
  "order.retried": ["done", () => "an operator let it go on"],
  "order.resolved": ["done", ({ data }) => `an operator closed it as ${text(data["outcome"])}`],
  "order.revised": ["done", () => "the order has its new lines"],
  "order.revision_refused": ["refused", (event) => `refused${why(event)}`],
  "order.cancelled": ["done", () => "cancelled"],
  "order.cancel_refused": ["refused", () => "too late: it goes on"],
};

/// The steps of an order from its events, which are in the order in which they happened.
export class Steps {
  readonly all: Step[] = [];
  private open = new Map<string, Step>();

  constructor(events: readonly Event[]) {
    for (const event of events) this.take(event);
  }

  private begin(slot: string, event: Event, name: string, outcome: string, tone: Tone = "moving") {
    const step: Step = {
      id: event.id,
      name,
      from: at(event),
      tone,
      outcome,
      events: [event],
      stretches: [{ from: at(event), tone, text: outcome }],
    };
    this.all.push(step);
    this.open.set(slot, step);
    this.note(step, event);
    return step;
  }

  /// What is in the event about the time that is left.
  private note(step: Step, { data }: Event) {
    const deadline = Date.parse(text(data["step_by"]) || text(data["until"]));
    if (Number.isNaN(deadline)) delete step.deadline;
    else step.deadline = deadline;
  }

  /// The step goes on in another way.
  private turn(slot: string, event: Event, outcome: string, tone: Tone = "moving") {
    const step = this.open.get(slot);
    if (!step) return;
    const last = step.stretches.at(-1);
    if (last) last.to = at(event);
    step.stretches.push({ from: at(event), tone, text: outcome });
    step.events.push(event);
    Object.assign(step, { outcome, tone });
    this.note(step, event);
  }

  private end(
    slot: string,
    event: Event,
    [tone, say]: readonly [Tone, (event: Event) => string] = ends[event.type] ?? ["done", () => ""],
  ) {
    const step = this.open.get(slot);
    if (!step) return;
    this.open.delete(slot);
    const last = step.stretches.at(-1);
    if (last) Object.assign(last, { to: at(event), tone });
    step.events.push(event);
    Object.assign(step, { to: at(event), outcome: say(event), tone });
    delete step.deadline;
  }

  /// The order went another way: what was begun for the old one is over.
  private endAll(event: Event, slots: readonly string[]) {
    for (const slot of slots) this.end(slot, event, ["waiting", () => "not needed any more"]);
  }

  private take(event: Event) {
    const { type, data } = event;
    const operation = text(data["operation"]);
    switch (type) {
      case "order.placed":
        this.begin("stock", event, "Stock", "being reserved");
        break;
      case "order.stock_reserved":
      case "order.stock_rejected":
        this.end("stock", event);
        break;
      case "payment.intent_recorded": {
        const step = this.begin(
          `payment ${event.stream}`,
          event,
          operationNames[operation] ?? operation,
          "the provider is asked",
        );
        step.key = text(data["key"]);
        break;
      }
      case "payment.unknown":
        this.turn(`payment ${event.stream}`, event, "no answer yet; the provider is asked again", "attention");
        break;
      case "payment.authorized":
      case "payment.declined":
      case "payment.captured":
      case "payment.voided":
      case "payment.refunded":
        this.end(`payment ${event.stream}`, event);
        break;
      case "order.confirmed":
        this.begin(
          "dispatch",
          event,
          "Dispatch",
          data["dispatch_at"] ? "may be changed until it is dispatched" : "a courier is asked for",
        );
        break;
      case "order.fulfillment_started":
        this.end("dispatch", event);
        break;
      case "order.held":
        this.begin("hold", event, "Held", `by an operator${why(event)}`, "attention");
        break;
      case "order.released":
        this.end("hold", event);
        break;
      case "delivery.requested":
        this.begin("courier", event, "Finding a courier", "nobody is free yet");
        break;
      case "delivery.offered":
        this.end("courier", event, ["done", () => `offered to ${courier(event)}`]);
        this.begin("offer", event, `Offer ${Number(data["attempt"])}`, `${courier(event)} has been asked`, "waiting");
        break;
      case "delivery.assigned":
        this.turn("offer", event, `${courier(event)} accepted and comes to fetch it`);
        break;
      case "delivery.started":
        this.turn("offer", event, `${courier(event)} is under way`);
        break;
      case "delivery.declined":
      case "delivery.aborted":
      case "delivery.completed":
        this.end("offer", event, [
          ends[type]?.[0] ?? "done",
          (ended) => `${courier(ended)} ${ends[type]?.[1](ended) ?? ""}`,
        ]);
        break;
      case "delivery.cancelled":
      case "delivery.failed":
        this.end("offer", event, ends["delivery.cancelled"]);
        this.end("courier", event, ends["delivery.cancelled"]);
        break;
      case "order.revision_requested":
        this.begin("revision", event, "New lines", "stock and payment for them are requested");
        break;
      case "order.revised":
      case "order.revision_refused":
        this.end("revision", event);
        break;
      case "order.cancel_requested":
        this.endAll(event, ["stock", "dispatch", "hold", "revision"]);
        this.begin("cancel", event, "Cancelling", `stock and money are released${why(event)}`, "attention");
        break;
      case "order.cancelled":
      case "order.cancel_refused":
        this.end("cancel", event);
        this.endAll(event, ["attention"]);
        break;
      case "order.needs_attention":
        this.endAll(event, ["stock", "dispatch", "cancel"]);
        this.begin("attention", event, "Needs attention", `waits for an operator${why(event)}`, "attention");
        break;
      case "order.retried":
      case "order.resolved":
        this.end("attention", event);
        break;
      case "order.rejected":
      case "order.completed":
        this.endAll(event, [...this.open.keys()]);
    }
  }
}

export const stepsOf = (events: readonly Event[]): Step[] => new Steps(events).all;

/// What the order waits for: the step that began last and is under way.
export const openStep = (steps: readonly Step[]): Step | undefined => steps.findLast(({ to }) => to === undefined);

/// "340 ms", "4.1 s", "2 min 5 s", "3 h 2 min".
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(Math.round(ms), 0)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 1440
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}
