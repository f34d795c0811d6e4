import { asProblem, type Problem } from "../api/problem";

export type Step = "accept" | "decline" | "start" | "complete" | "abort";

/// What a courier said of one offer. Its `attempt` names the offer, so that saying it again does nothing, and it never
/// means a later one.
export interface Said {
  delivery: string;
  attempt: number;
  step: Step;
  reason?: string;
}

/// What the outbox needs of its surroundings; tests bring others.
export interface Surroundings {
  store: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /// Throws a Problem.
  send: (said: Said) => Promise<void>;
  /// The node took it, or refused it for good.
  onAnswer: (said: Said, problem?: Problem) => void;
}

const firstWait = 1000;
const longestWait = 15_000;
/// How far a step leads: what was said holds until something further is said.
const reach: Record<Step, number> = { accept: 0, decline: 0, start: 1, complete: 2, abort: 3 };

const isSaid = (value: unknown): value is Said => {
  if (typeof value !== "object" || value === null) return false;
  const { delivery, attempt, step } = value as Said;
  return typeof delivery === "string" && Number.isInteger(attempt) && Object.hasOwn(reach, step);
};

function read(text: string | null): Said[] {
  try {
    const stored: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(stored) ? stored.filter(isSaid) : [];
  } catch {
    return [];
  }
}

const leadsFrom: Record<Step, readonly string[]> = {
  accept: ["offered"],
  decline: ["offered"],
  start: ["assigned"],
  complete: ["started"],
  abort: ["assigned", "started"],
};

/// What was said of a delivery and has not shown in its status yet. The answer may be lost, and the event come all the
/// same.
export const openWord = (
  pending: readonly Said[],
  { id, status, attempt }: { id: string; status: string; attempt: number },
) => pending.find((said) => said.delivery === id && said.attempt === attempt && leadsFrom[said.step].includes(status));

/// Whether the same may work later: nobody answered, or somebody who could not do it now. A session that ended may
/// begin again.
const mayWorkLater = ({ status }: Problem) => status === 0 || status >= 500 || [401, 408, 425, 429].includes(status);

/// What a courier said and the node has not answered yet: kept over a locked phone and a closed page, sent in its order
/// until there is an answer. Each delivery has few steps, so it does not grow beyond those.
export class Outbox {
  private waiting: readonly Said[];
  private watchers = new Set<() => void>();
  private hindrance: Problem | undefined;
  private isSending = false;
  private isStopped = false;
  private wait = firstWait;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /// `key`: where it is kept; each courier has their own.
  constructor(
    private readonly key: string,
    private readonly surroundings: Surroundings,
  ) {
    this.waiting = read(surroundings.store.getItem(key));
  }

  readonly pending = (): readonly Said[] => this.waiting;

  /// Why the first of them is not answered yet, as far as that is known.
  readonly trouble = (): Problem | undefined => this.hindrance;

  readonly watch = (tell: () => void): (() => void) => {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  };

  say(said: Said) {
    if (this.waiting.some(({ delivery, step }) => delivery === said.delivery && reach[step] >= reach[said.step]))
      return;
    this.put([...this.waiting, said]);
    this.sendNow();
  }

  /// The network is back, or somebody looks at the page again.
  sendNow() {
    this.isStopped = false;
    clearTimeout(this.timer);
    void this.sendAll();
  }

  /// Nobody uses it for now: what waits stays where it is kept.
  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private put(next: readonly Said[]) {
    this.waiting = next;
    if (next.length > 0) this.surroundings.store.setItem(this.key, JSON.stringify(next));
    else this.surroundings.store.removeItem(this.key);
    this.tell();
  }

  private tell() {
    for (const tell of this.watchers) tell();
  }

  private async sendAll() {
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let said = this.waiting[0]; said; said = this.waiting[0]) {
        const problem = await this.surroundings.send(said).then(() => undefined, asProblem);
        if (problem && mayWorkLater(problem)) {
          this.hindrance = problem;
          this.tell();
          if (this.isStopped) return;
          this.timer = setTimeout(() => this.sendNow(), Math.max(this.wait, problem.retryAfter * 1000));
          this.wait = Math.min(this.wait * 2, longestWait);
          return;
        }
        this.wait = firstWait;
        this.hindrance = undefined;
        this.put(this.waiting.slice(1));
        this.surroundings.onAnswer(said, problem);
      }
    } finally {
      this.isSending = false;
    }
  }
}
