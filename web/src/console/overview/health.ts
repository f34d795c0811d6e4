import type { Schema } from "../../api/client";
import type { Tone } from "../../words/orders";
import { shortId } from "../../words/orders";
import { sentence } from "../../words/problems";
import { type Sample, sumOf } from "./metrics";

/// What of the system is well, and what is not, from what the API gives. What was not given is undefined, and says so.
export interface Facts {
  readiness?: { ready: boolean; missing: string[] } | undefined;
  /// Of the node that answers, now and at the reading before.
  metrics?: Sample[] | undefined;
  metricsBefore?: Sample[] | undefined;
  nodes?: Schema["ClusterNode"][] | undefined;
  endpoints?: Schema["WebhookEndpoint"][] | undefined;
  sinks?: Schema["Sink"][] | undefined;
  /// Deliveries that no courier has, and couriers who are online.
  waiting?: Schema["Delivery"][] | undefined;
  online?: Schema["Courier"][] | undefined;
  now: number;
}

export interface Health {
  name: string;
  tone: Tone;
  text: string;
  to: string;
}

/// Something that a person should look at.
export interface Trouble {
  /// The worst is the smallest.
  rank: number;
  title: string;
  cause: string;
  action: string;
  to: string;
  since?: string;
}

const longWaitMs = 60_000;
const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const unknown = (name: string, to: string): Health => ({ name, tone: "waiting", text: "Not told here", to });

function grown(facts: Facts, name: string, labels: Record<string, string> = {}): number {
  const now = facts.metrics && sumOf(facts.metrics, name, labels);
  const before = facts.metricsBefore && sumOf(facts.metricsBefore, name, labels);
  return now === undefined || before === undefined ? 0 : Math.max(now - before, 0);
}

const isLost = (node: Schema["ClusterNode"]) =>
  node.state === "dead" || (node.state === "up" && !node.reachable) || node.suspects.length > 0;
const isFailing = ({ status, disabled_reason, failing_since }: Schema["WebhookEndpoint"]) =>
  failing_since !== null || (status === "disabled" && disabled_reason !== "operator");
const isSinkFailing = ({ status, failing_since }: Schema["Sink"]) => status === "enabled" && failing_since !== null;

const courierText = (online: number, simulated: number | undefined) =>
  simulated ? `${online} online, ${simulated} simulated` : online > 0 ? `${online} online` : "Nobody is online";

export function healthOf(facts: Facts): Health[] {
  const { nodes, endpoints, sinks, waiting, online, metrics, readiness, now } = facts;
  const all: Health[] = [];
  if (!nodes) all.push(unknown("Nodes", "/cluster"));
  else {
    const lost = nodes.filter(isLost);
    all.push({
      name: "Nodes",
      to: "/cluster",
      tone: lost.length > 0 ? "refused" : "done",
      text:
        lost.length > 0
          ? `${lost.map(({ node }) => node).join(", ")} not well`
          : plural(nodes.length, "node up", "nodes up"),
    });
  }
  const missing = readiness?.missing.filter((text) => /database|store|journal/i.test(text)) ?? [];
  const failed = grown(facts, "waybill_journal_failed_commits_total");
  const pending = (metrics && sumOf(metrics, "waybill_journal_pending_appends")) ?? 0;
  if (!metrics && !readiness) all.push(unknown("Database", "/cluster"));
  else if (missing[0] !== undefined) all.push({ name: "Database", tone: "refused", text: missing[0], to: "/cluster" });
  else if (failed > 0)
    all.push({ name: "Database", tone: "attention", text: `${plural(failed, "write")} repeated`, to: "/cluster" });
  else
    all.push({
      name: "Database",
      tone: "done",
      text: pending > 0 ? `${plural(pending, "write")} under way` : "Answers",
      to: "/cluster",
    });

  const circuit = metrics && sumOf(metrics, "waybill_payment_provider_circuit");
  if (circuit === undefined) all.push({ ...unknown("Provider", "/orders"), text: "No outside provider here" });
  else
    all.push({
      name: "Provider",
      to: "/orders",
      tone: circuit > 0 ? "attention" : "done",
      text: circuit > 0 ? "Nothing is sent to it for a while" : "Answers",
    });

  if (!waiting || !online) all.push(unknown("Couriers", "/couriers"));
  else {
    const long = waiting.filter(({ updated_at }) => now - Date.parse(updated_at) > longWaitMs);
    all.push({
      name: "Couriers",
      to: "/couriers",
      tone: long.length > 0 ? "attention" : "done",
      text:
        long.length > 0
          ? `${plural(long.length, "delivery waits", "deliveries wait")} for one`
          : courierText(online.length, metrics && sumOf(metrics, "waybill_delivery_simulated_couriers")),
    });
  }
  if (!endpoints) all.push(unknown("Webhooks", "/webhooks"));
  else {
    const failing = endpoints.filter(isFailing);
    const backlog = endpoints.reduce((sum, { backlog }) => sum + backlog, 0);
    all.push({
      name: "Webhooks",
      to: "/webhooks",
      tone: failing.length > 0 ? "attention" : "done",
      text:
        failing.length > 0
          ? `${plural(failing.length, "endpoint")} not reached`
          : backlog > 0
            ? `${backlog} to be sent`
            : endpoints.length > 0
              ? plural(endpoints.length, "endpoint")
              : "None set up",
    });
  }
  // Who has none is not told of them.
  if (sinks && sinks.length > 0) {
    const failing = sinks.filter(isSinkFailing);
    all.push({
      name: "Sinks",
      to: "/sinks",
      tone: failing.length > 0 ? "attention" : "done",
      text: failing.length > 0 ? `${plural(failing.length, "sink")} not reached` : plural(sinks.length, "sink"),
    });
  }
  return all;
}

/// What is wrong with the system itself; orders that need attention are added by `troubleOfOrders`.
export function troubleOf(facts: Facts): Trouble[] {
  const { readiness, nodes, endpoints, sinks, metrics, waiting, now } = facts;
  const all: Trouble[] = [];
  for (const missing of readiness?.missing ?? [])
    all.push({ rank: 0, title: "This node cannot serve", cause: missing, action: "Look at the nodes", to: "/cluster" });
  for (const node of nodes?.filter(isLost) ?? [])
    all.push({
      rank: 1,
      title: `Node ${node.node} is not well`,
      to: "/cluster",
      action: "Look at the nodes",
      cause:
        node.state === "dead"
          ? "It is dead: others have taken over what it owned."
          : node.suspects.length > 0
            ? `It cannot reach ${node.suspects.join(", ")}.`
            : "It cannot be reached from here.",
    });
  const violations = (metrics && sumOf(metrics, "waybill_audit_open_violations")) ?? 0;
  if (violations > 0)
    all.push({
      rank: 2,
      title: `${plural(violations, "promise")} broken`,
      to: "/audit",
      action: "Look at them",
      cause: "The auditor found stored facts that contradict each other.",
    });
  if (((metrics && sumOf(metrics, "waybill_payment_provider_circuit")) ?? 0) > 0)
    all.push({
      rank: 3,
      title: "The payment provider is not well",
      cause: "Nothing is sent to it for a while; orders wait until their deadline.",
      action: "See what waits",
      to: "/orders?status=placed",
    });
  const failed = grown(facts, "waybill_journal_failed_commits_total");
  if (failed > 0)
    all.push({
      rank: 3,
      title: "Writes to the database are repeated",
      cause: `${plural(failed, "write")} did not get through since the last look; nothing is lost.`,
      action: "Look at the nodes",
      to: "/cluster",
    });
  const long = waiting?.filter(({ updated_at }) => now - Date.parse(updated_at) > longWaitMs) ?? [];
  if (long.length > 0)
    all.push({
      rank: 5,
      title: `${plural(long.length, "delivery waits", "deliveries wait")} for a courier`,
      cause: "None who is online is free.",
      action: "Look at the couriers",
      to: "/couriers",
      since: earliest(long.map(({ updated_at }) => updated_at)),
    });
  for (const endpoint of endpoints?.filter(isFailing) ?? [])
    all.push({
      rank: 6,
      title: `Webhooks to ${hostOf(endpoint.url)} do not get through`,
      cause: endpoint.last_error ?? "The receiver refuses them.",
      action: "Look at the endpoint",
      to: `/webhooks/${endpoint.id}`,
      ...(endpoint.failing_since && { since: endpoint.failing_since }),
    });
  for (const sink of sinks?.filter(isSinkFailing) ?? [])
    all.push({
      rank: 6,
      title: `Events do not get through to ${hostOf(sink.url)}`,
      cause: sink.last_error ? sentence(sink.last_error) : "The broker confirms nothing.",
      action: "Look at the sink",
      to: `/sinks/${sink.id}`,
      ...(sink.failing_since && { since: sink.failing_since }),
    });
  return all;
}

/// Orders that need attention, together by their reason: fifty that failed alike are one thing to mend.
export function troubleOfOrders(orders: readonly Schema["Order"][]): Trouble[] {
  const byReason = new Map<string, Schema["Order"][]>();
  for (const order of orders) byReason.set(order.reason ?? "", [...(byReason.get(order.reason ?? "") ?? []), order]);
  return [...byReason].map(([reason, group]): Trouble => {
    const [only] = group;
    const isOne = group.length === 1 && only !== undefined;
    return {
      rank: 4,
      title: isOne ? `Order ${shortId(only.id)} needs attention` : `${group.length} orders need attention`,
      cause: reason ? sentence(reason.replaceAll("_", " ")) : "No reason was recorded.",
      action: isOne ? "Open it" : "Mend them",
      to: isOne ? `/orders/${only.id}` : "/orders?status=needs_attention",
      since: earliest(group.map(({ updated_at }) => updated_at)),
    };
  });
}

export const worstFirst = (all: readonly Trouble[]) =>
  [...all].sort((one, other) => one.rank - other.rank || (one.since ?? "").localeCompare(other.since ?? ""));

const earliest = (times: readonly string[]) => times.reduce((one, other) => (one < other ? one : other));

export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
