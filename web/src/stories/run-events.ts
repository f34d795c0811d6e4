import type { StoryEvent } from "./story";

/// A flash sale has a thousand orders; a picture of the first few tells the story.
export const mostOrders = 5;
/// Of those, so many events are kept.
const mostEvents = 1000;
/// So many are kept while the run's id is on its way to us: the node begins before it answers.
const mostEarly = 5000;

const ofOrder = /^(?:ord|pay|dlv)_([0-9a-z]+)/;

/// The order that an event is about; undefined for those about something else.
export function orderOf({ stream, data, causation_id }: StoryEvent): string | undefined {
  if (typeof data["order"] === "string") return data["order"];
  const suffix = (ofOrder.exec(stream) ?? ofOrder.exec(causation_id))?.[1];
  return suffix && `ord_${suffix}`;
}

/// The events of one run, picked out of all that happens: those that its requests led to, and what else its orders had.
export class RunEvents<Kept extends StoryEvent = StoryEvent> {
  /// Of the first orders only.
  readonly events: Kept[] = [];
  /// How many there were of each type, of all orders.
  readonly counts = new Map<string, number>();
  readonly orders = new Set<string>();
  private drawn = new Set<string>();
  private early: Kept[] | undefined = [];
  private run = "";

  /// The run whose events they are. Those of before are gone through again.
  nameRun(run: string) {
    this.run = run;
    const early = this.early ?? [];
    this.early = undefined;
    for (const event of early) this.take(event);
  }

  take(event: Kept) {
    if (this.early) {
      if (this.early.length < mostEarly) this.early.push(event);
      return;
    }
    const order = orderOf(event);
    const isOurs = event.correlation_id.startsWith(`${this.run}-`);
    if (!order || (!isOurs && !this.orders.has(order))) return;
    this.orders.add(order);
    this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
    if (this.drawn.size < mostOrders) this.drawn.add(order);
    if (this.drawn.has(order) && this.events.length < mostEvents) this.events.push(event);
  }

  drawnOrders = () => [...this.drawn];
}
