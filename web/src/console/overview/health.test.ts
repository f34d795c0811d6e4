import { expect, test } from "vitest";

import type { Schema } from "../../api/client";
import { type Facts, healthOf, troubleOf, troubleOfOrders, worstFirst } from "./health";
import { parseMetrics, sumOf } from "./metrics";

const now = Date.parse("2026-11-29T20:00:00Z");
const node = (change: Partial<Schema["ClusterNode"]> = {}): Schema["ClusterNode"] => ({
  node: "a",
  incarnation: 1,
  address: "",
  http: null,
  roles: ["order"],
  state: "up",
  reachable: true,
  suspects: [],
  lease_until: null,
  ...change,
});
const well: Facts = {
  readiness: { ready: true, missing: [] },
  metrics: [],
  nodes: [node()],
  endpoints: [],
  waiting: [],
  online: [],
  now,
};
const tones = (facts: Facts) => Object.fromEntries(healthOf(facts).map(({ name, tone }) => [name, tone]));
const order = (id: string, reason: string, updated_at: string) => ({ id, reason, updated_at }) as Schema["Order"];

test("Prometheus' text is read with its labels, and escaped values in them", () => {
  const samples = parseMetrics(
    '# HELP x y\nx{a="1",b="say \\"hi\\""} 3\nx{a="2"} 4\ny 0.5\nz{le="+Inf"} 7 1700000000\n',
  );
  expect(samples[0]).toEqual({ name: "x", labels: { a: "1", b: 'say "hi"' }, value: 3 });
  expect(sumOf(samples, "x")).toBe(7);
  expect(sumOf(samples, "x", { a: "2" })).toBe(4);
  expect(sumOf(samples, "none")).toBeUndefined();
});

test("a system that is well is green, and nothing needs attention", () => {
  expect(tones(well)).toEqual({
    Nodes: "done",
    Database: "done",
    Provider: "waiting",
    Couriers: "done",
    Webhooks: "done",
  });
  expect(troubleOf(well)).toEqual([]);
});

test("who brings orders is told: people online, and simulated couriers where there are any", () => {
  const textOf = (facts: Facts) => healthOf(facts).find(({ name }) => name === "Couriers")?.text;
  expect(textOf(well)).toBe("Nobody is online");
  const metrics = [{ name: "waybill_delivery_simulated_couriers", labels: {}, value: 16 }];
  expect(textOf({ ...well, metrics })).toBe("0 online, 16 simulated");
});

test("what was not told is grey, never green", () => {
  expect(new Set(Object.values(tones({ now })))).toEqual(new Set(["waiting"]));
});

test("a node that cannot be reached, an open circuit and failed commits are named with their cause", () => {
  const sample = (name: string, value: number) => ({ name, labels: {}, value });
  const ill: Facts = {
    ...well,
    nodes: [node(), node({ node: "b", reachable: false })],
    metricsBefore: [sample("waybill_journal_failed_commits_total", 2)],
    metrics: [sample("waybill_journal_failed_commits_total", 5), sample("waybill_payment_provider_circuit", 1)],
  };
  expect(tones(ill)).toMatchObject({ Nodes: "refused", Database: "attention", Provider: "attention" });
  expect(troubleOf(ill).map(({ title }) => title)).toEqual([
    "Node b is not well",
    "The payment provider is not well",
    "Writes to the database are repeated",
  ]);
});

test("commits that failed before the page was opened are no trouble of now", () => {
  const metrics = [{ name: "waybill_journal_failed_commits_total", labels: {}, value: 5 }];
  expect(tones({ ...well, metrics }).Database).toBe("done");
  expect(tones({ ...well, metrics, metricsBefore: metrics }).Database).toBe("done");
});

test("orders that failed alike are one thing to mend; the worst and then the oldest come first", () => {
  const orders = [
    order("ord_aaaa1111", "no courier", "2026-11-29T19:58:00Z"),
    order("ord_bbbb2222", "no courier", "2026-11-29T19:50:00Z"),
    order("ord_cccc3333", "capture failed", "2026-11-29T19:59:00Z"),
  ];
  const all = worstFirst([
    ...troubleOfOrders(orders),
    ...troubleOf({ ...well, readiness: { ready: false, missing: ["database: away"] } }),
  ]);
  expect(all.map(({ title }) => title)).toEqual([
    "This node cannot serve",
    "2 orders need attention",
    "Order ord_…3333 needs attention",
  ]);
  expect(all[1]?.since).toBe("2026-11-29T19:50:00Z");
});

test("sinks are told of where there are some, and one that does not get through needs attention", () => {
  const sink = {
    id: "snk_1",
    url: "amqps://rabbit.example.com/shop",
    status: "enabled",
    failing_since: null,
  } as Schema["Sink"];
  const failing = { ...sink, failing_since: "2026-11-29T19:00:00Z", last_error: "connection refused" };
  expect(tones({ ...well, sinks: [] })).not.toHaveProperty("Sinks");
  expect(tones({ ...well, sinks: [sink] })["Sinks"]).toBe("done");
  expect(tones({ ...well, sinks: [sink, failing] })["Sinks"]).toBe("attention");
  expect(troubleOf({ ...well, sinks: [sink, failing] })).toEqual([
    {
      rank: 6,
      title: "Events do not get through to rabbit.example.com",
      cause: "Connection refused.",
      action: "Look at the sink",
      to: "/sinks/snk_1",
      since: "2026-11-29T19:00:00Z",
    },
  ]);
  expect(troubleOf({ ...well, sinks: [{ ...failing, status: "disabled" }] })).toEqual([]);
});
