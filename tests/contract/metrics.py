#!/usr/bin/env python3
"""Looks at the metrics of real nodes: metrics.py <waybill binary> <source folder>

They keep the rules of `promtool check metrics` (written out below; promtool itself is run, too, where it is installed), are
OpenMetrics for who asks for it (read by Prometheus' own reader, with the traces of requests and orders as exemplars), and
docs/operations.md names exactly those of ours that exist. Needs root for a network of its own; skipped (77) elsewhere.
"""

import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from prometheus_client.openmetrics.parser import text_string_to_metric_families

import commands

# Two nodes that have between them whatever an option can add.
SCRIPT = commands.PRELUDE + r"""
ln -s $root/docker docker
docker/certificates.sh --authority=authority certificates one site > /dev/null
printf 'a secret of the test, long enough' > secret
postgres
waybill node --ops=127.0.0.1:4090 --courier-pool=real --auth=required --http-tls-certificate=certificates/site.pem --http-tls-key=certificates/site.key \
  --event-retention=90d --chaos=on --store=postgresql://waybill@127.0.0.1/waybill --listen=10.0.0.7:4100 \
  --cluster-tls-ca=certificates/ca.pem --cluster-tls-certificate=certificates/one.pem --cluster-tls-key=certificates/one.key &
await_ready http://127.0.0.1:4090
waybill node --http=127.0.0.1:4001 --listen=127.0.0.1:4101 --webhook-targets=any --sink-targets=any --source='redis://127.0.0.1:1?stream=orders' --payment-provider=http \
  --payment-url=http://127.0.0.1:1 --payment-secret-file=secret --trace-endpoint=http://127.0.0.1:1/v1/traces --trace-ratio=1 --order-authorize-deadline=3s &
await_ready http://127.0.0.1:4001
curl -s localhost:4001/v1/webhook-endpoints -H "$json" -d '{"url":"http://127.0.0.1:1/","types":["order.*"]}'
curl -s -X PUT localhost:4001/v1/functions/watch -H "$json" -d '{"source":"return nil","triggers":["order.*"],"guard":{"on_failure":"allow"}}'
curl -s localhost:4001/v1/sinks -H "$json" -d '{"url":"redis://127.0.0.1:1","types":["order.*"]}'
curl -s localhost:4001/v1/functions/calculate-total/invoke -H "$json" -d '{"items":[]}'
command curl -s http://127.0.0.1:4001/scenario/2
command curl -s http://127.0.0.1:4001/scenario/1
for tries in $(seq 300); do
  command curl -s http://127.0.0.1:4001/metrics > second
  grep -q '^waybill_webhook_attempts_total' second && grep -q '^waybill_orders_finished_total' second && grep -q '^waybill_function_events_total' second && grep -q '^waybill_sink_attempts_total' second && break
  sleep 0.2
done
echo "--- metrics"
command curl -s http://127.0.0.1:4090/metrics
echo "--- metrics"
cat second
command curl -s -o list -H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' http://127.0.0.1:4001/v1/products
echo "--- metrics"
command curl -s -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1' http://127.0.0.1:4001/metrics
""" + commands.CLOSING

UNITS = {"ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d", "milliseconds", "microseconds", "minutes",
         "hours", "days", "kilobytes", "megabytes", "percent"}
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)( \S+)?')


def lint(page):
    """What promtool would say, and that no sample has a time."""
    helped, typed, samples = set(), {}, collections.defaultdict(list)
    for line in page.splitlines():
        if line.startswith("# HELP "):
            name, _, text = line[7:].partition(" ")
            if name in helped:
                yield f"{name} is explained twice"
            if text.strip():
                helped.add(name)
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            if name in typed:
                yield f"{name} is there twice"
            typed[name] = kind
        else:
            match = SAMPLE.fullmatch(line)
            if not match:
                yield f"this is no sample: {line}"
                continue
            name, labels, value, time = match.groups()
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            family = base if typed.get(base) == "histogram" else name
            samples[family].append((name, labels or "", value))
            if time:
                yield f"{name} has a time of its own"
            if family not in typed:
                yield f"{name} has no type"
    for name, kind in typed.items():
        if name not in helped:
            yield f"{name} has no help"
        if (kind == "counter") != name.endswith("_total"):
            yield f"{name} is a {kind}: counters, and nothing else, end in _total"
        if kind != "histogram" and re.search(r"_(bucket|sum|count)$", name):
            yield f"{name} ends as a part of a histogram does"
        words = name.split("_")
        yield from (f"{name} has the unit {word}, which is no base unit" for word in words if word in UNITS)
        yield from (f"{name} holds its type" for word in words if word in TYPES)
        if ":" in name or re.search("[A-Z]", name):
            yield f"{name} is not written as a name is"
        seen = collections.Counter((sample, labels) for sample, labels, _ in samples[name])
        yield from (f"{sample}{labels} is there {count} times" for (sample, labels), count in seen.items() if count > 1)
        for sample, labels, _ in samples[name]:
            bound = re.search(r'[{,]le="([^"]*)"', labels)
            if bound and kind != "histogram":
                yield f"{name} has a label of histograms"
            if bound and (len(bound.group(1)) > 7 or re.search(r"\.\d*0$", bound.group(1))):
                yield f"{name} has a bound that is not short: {bound.group(1)}"


def names_in(page):
    return set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))


def wrong_in_openmetrics(page):
    """What is wrong in an OpenMetrics page of a node that traces everything. The reader refuses what is not OpenMetrics."""
    traces = collections.defaultdict(set)
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.exemplar:
                traces[family.name, sample.labels.get("route")].add(sample.exemplar.labels["trace_id"])
                if not sample.exemplar.timestamp or sample.exemplar.value > float(sample.labels["le"]):
                    yield f"{sample.name}: an exemplar that is not of its bucket: {sample.exemplar}"
    if "0af7651916cd43dd8448eb211c80319c" not in traces["waybill_http_request_seconds", "GET /v1/products"]:
        yield f"a traced request is no exemplar: {dict(traces)}"
    orders = traces["waybill_order_step_seconds", None]
    if not orders or not all(re.fullmatch("[0-9a-f]{32}", trace) for trace in orders):
        yield f"a traced order is no exemplar: {dict(traces)}"


def documented(text):
    """The names in code spans; `waybill_x_total{label}` with its labels, `..._y` as an end of the one before it in its list."""
    names = set()
    for span in re.findall(r"`([^`\n]*)`", text):
        name = re.sub(r"\{.*", "", span)
        if re.fullmatch(r"(waybill|caf|process)_[a-z_0-9]+", name) and not name.endswith("_"):
            names.add(name)
    return names


def main():
    binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode != 0:
        print("skipped: a network of its own needs root")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "waybill").symlink_to(binary)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WAYBILL_")}
        environment |= {"PATH": f"{folder}:{os.environ['PATH']}:/usr/sbin", "root": str(root)}
        done = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c", SCRIPT],
                              cwd=folder, env=environment, capture_output=True, timeout=commands.PATIENCE_S, check=False)
    pages = done.stdout.decode().split("--- metrics\n")[1:]
    if len(pages) != 3 or not all(pages):
        sys.exit("the nodes have no metrics:\n" + done.stderr.decode()[-4000:])
    open_page = pages.pop()
    wrong = [text for page in pages for text in lint(page)] + list(wrong_in_openmetrics(open_page))
    if shutil.which("promtool"):
        for page in pages:
            checked = subprocess.run(["promtool", "check", "metrics"], input=page.encode(), capture_output=True, check=False)
            if checked.returncode != 0:
                wrong.append("promtool: " + (checked.stdout + checked.stderr).decode())
    exist = set.union(*map(names_in, pages))
    told = documented((root / "docs/operations.md").read_text(encoding="utf-8"))
    wrong += [f"docs/operations.md names {name}, which no node has" for name in sorted(told - exist)]
    wrong += [f"docs/operations.md does not name {name}" for name in sorted(exist - told) if name.startswith("waybill_")]
    print("\n".join(wrong))
    print(f"{len(exist)} metrics, {len(wrong)} problems")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
