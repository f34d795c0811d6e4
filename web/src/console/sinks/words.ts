import type { Schema } from "../../api/client";
import { durationText } from "../../words/times";

export type Broker = "rabbitmq" | "kafka" | "redis";

interface Words {
  name: string;
  /// Where events go at this broker.
  destination: string;
  destinationHint: string;
  example: string;
  /// What an address of it looks like, for the browser's check.
  pattern: string;
  urlHint: string;
  signInHint: string;
}

export const brokers: Record<Broker, Words> = {
  rabbitmq: {
    name: "RabbitMQ",
    destination: "Exchange",
    destinationHint: "A topic exchange, which is declared durable. The routing key is the event's type.",
    example: "amqps://rabbit.example.com/shop",
    pattern: "amqps?://.+",
    urlHint: "Behind the slash: the virtual host. By TLS and at a public address, unless the node allows others.",
    signInHint: "Empty: guest.",
  },
  kafka: {
    name: "Kafka",
    destination: "Topic",
    destinationHint: "The key of a message is the order that it is about.",
    example: "kafkas://one.example.com,two.example.com",
    pattern: "kafkas?://.+",
    urlHint:
      "Servers to begin with, with commas between. By TLS and at public addresses, unless the node allows others.",
    signInHint: "Empty: none.",
  },
  redis: {
    name: "Redis",
    destination: "Key of the stream",
    destinationHint: "Events are added to the stream under this key.",
    example: "rediss://redis.example.com/0",
    pattern: "rediss?://.+",
    urlHint: "Behind the slash: the database. By TLS and at a public address, unless the node allows others.",
    signInHint: "Empty: none, or the password alone.",
  },
};

export const brokerOf = (sink: Pick<Schema["Sink"], "broker">): Words | undefined =>
  (brokers as Record<string, Words | undefined>)[sink.broker];

type Patch = Partial<Record<"url" | "destination" | "description", string>> & {
  types?: string[];
  user?: string | null;
  password?: string | null;
};

/// What of a sink was changed in its form: only that is sent. A password that was not written stays as it is, unless it is to
/// be forgotten.
export function patchOf(
  sink: Pick<Schema["Sink"], "url" | "destination" | "description" | "types" | "user">,
  filled: { url: string; destination: string; description: string; types: string[]; user: string; password: string },
  isPasswordForgotten: boolean,
): Patch {
  const patch: Patch = {};
  for (const name of ["url", "destination", "description"] as const)
    if (filled[name] !== sink[name]) patch[name] = filled[name];
  if (filled.types.join(" ") !== sink.types.join(" ")) patch.types = filled.types;
  if (filled.user !== (sink.user ?? "")) patch.user = filled.user || null;
  if (isPasswordForgotten) patch.password = null;
  else if (filled.password) patch.password = filled.password;
  return patch;
}

/// What a sink has still to publish.
export interface Waiting {
  count: number;
  isMore: boolean;
  /// When the oldest of them happened.
  since: string | undefined;
}

export const countText = ({ count, isMore }: Waiting) => `${count}${isMore ? "+" : ""}`;

/// "3 events, the oldest 2 min old".
export function waitingText(waiting: Waiting, now: number): string {
  if (!waiting.since) return waiting.isMore ? "not known yet" : "nothing";
  const events = waiting.count === 1 && !waiting.isMore ? "1 event" : `${countText(waiting)} events`;
  return `${events}, the oldest ${durationText(Math.max(now - Date.parse(waiting.since), 0))} old`;
}
