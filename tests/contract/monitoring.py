#!/usr/bin/env python3
"""Asks a real Prometheus everything that docker/monitoring/ asks: monitoring.py <waybill binary> <source folder>

It scrapes three loaded nodes, which have between them whatever an option can add, and each query of each panel, and what each
alarm looks at, must answer with data. The rules have tests of their own (promtool test rules), and docs/operations.md has a line
for each alarm. Needs Debian's package prometheus and root for a network of its own; skipped (77) elsewhere.
"""

import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import yaml

import commands

SERVER = "http://127.0.0.1:9090"
PATIENCE_S = 240

CONFIG = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["%s/docker/monitoring/rules/waybill.yml"]
scrape_configs:
  - job_name: waybill
    static_configs: [{targets: ["127.0.0.1:4090", "127.0.0.1:4001", "127.0.0.1:4002"]}]
"""

# The first node is one of a cluster; the second calls a provider, a receiver and a broker that are not there; on the third all goes well.
SCRIPT = commands.PRELUDE + r"""
ln -s $root/docker docker
docker/certificates.sh --authority=authority certificates one site > /dev/null
printf 'a secret of the test, long enough' > secret
postgres
waybill node --ops=127.0.0.1:4090 --courier-pool=real --auth=required --http-tls-certificate=certificates/site.pem --http-tls-key=certificates/site.key \
  --store=postgresql://waybill@127.0.0.1/waybill --listen=10.0.0.7:4100 \
  --cluster-tls-ca=certificates/ca.pem --cluster-tls-certificate=certificates/one.pem --cluster-tls-key=certificates/one.key &
await_ready http://127.0.0.1:4090
waybill node --http=127.0.0.1:4001 --listen=127.0.0.1:4101 --store=sqlite:second.db --webhook-targets=any --sink-targets=any --source='redis://127.0.0.1:1?stream=orders' --payment-provider=http \
  --payment-url=http://127.0.0.1:1 --payment-secret-file=secret --order-authorize-deadline=8s &
await_ready http://127.0.0.1:4001
waybill node --http=127.0.0.1:4002 --listen=127.0.0.1:4102 --store=sqlite:third.db &
await_ready http://127.0.0.1:4002
prometheus --config.file=prometheus.yml --storage.tsdb.path=metrics --web.listen-address=127.0.0.1:9090 --log.level=error &
await_metrics() { for _ in $(seq 300); do command curl -sf -o /dev/null http://127.0.0.1:9090/-/ready && return; sleep 0.1; done; false; }
await_metrics
curl -s localhost:4001/v1/webhook-endpoints -H "$json" -d '{"url":"http://127.0.0.1:1/","types":["order.*"]}' > /dev/null
curl -s localhost:4001/v1/sinks -H "$json" -d '{"url":"redis://127.0.0.1:1","types":["order.*"]}' > /dev/null
load() { while true; do command curl -s http://127.0.0.1:$1/scenario/1 > /dev/null || return; done; }
load 4001 & load 4002 &
python3 -B $root/tests/contract/monitoring.py --ask $root || failed=1
""" + commands.CLOSING


def ask(query):
    """The values of the series that answer; none without data."""
    with urllib.request.urlopen(SERVER + "/api/v1/query?" + urllib.parse.urlencode({"query": query}), timeout=30) as answer:
        result = json.load(answer)
    return [float(series["value"][1]) for series in result["data"]["result"]]


def queries_of(root):
    """Every query, with where it stands."""
    for file in sorted((root / "docker/monitoring/grafana/dashboards").glob("*.json")):
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                query = target["expr"].replace("$__rate_interval", "30s").replace("$role", ".*")
                yield f"{file.name}, {panel['title']}", query
    for rule in rules_of(root):
        # Without the threshold: a value below it gives an empty answer, as it should.
        looked_at = re.sub(r"\s(>|<|==)\s*[0-9.]+(?=\s|$)", "", rule["expr"].strip())
        yield f"alarm {rule['alert']}", re.sub(r"\[\d+m\]", "[30s]", looked_at)


def rules_of(root):
    rules = yaml.safe_load((root / "docker/monitoring/rules/waybill.yml").read_text(encoding="utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


def ask_all(root):
    """Until each has answered; how many have not."""
    open_queries = dict(enumerate(queries_of(root)))
    total, end = len(open_queries), time.monotonic() + PATIENCE_S
    while open_queries and time.monotonic() < end:
        for number, (_, query) in list(open_queries.items()):
            if any(not math.isnan(value) for value in ask(query)):
                del open_queries[number]
        time.sleep(0.5)
    for place, query in open_queries.values():
        print(f"{place}: no data for {query}")
    print(f"{total} queries, {len(open_queries)} without data")
    return len(open_queries)


def find_fault():
    """The provider of the second node is away: its alarm begins to fire, and the shell names the cause."""
    end = time.monotonic() + PATIENCE_S
    error = None
    while time.monotonic() < end:
        alarm = ask('ALERTS{alertname="WaybillProviderCircuitOpen"}')
        with urllib.request.urlopen("http://127.0.0.1:4001/v1/orders?waits_for=payment&limit=1", timeout=30) as answer:
            waiting = json.load(answer)["items"]
        if waiting:
            shell = ["waybill", "shell", "--connect=127.0.0.1:4101", "-o", "json", "why", waiting[0]["id"]]
            done = subprocess.run(shell, capture_output=True, timeout=60, check=False)
            error = json.loads(done.stdout)["last_error"] if done.returncode == 0 else None
        if alarm and error and "provider" in error:
            print(f"the alarm is there, and why says: {error}")
            return 0
        time.sleep(0.5)
    print(f"the provider is away: alarm {alarm}, why says {error}")
    return 1


def check_documents(root):
    """Every alarm has its line in the handbook, and no line is of an alarm that is gone."""
    names = {rule["alert"] for rule in rules_of(root)}
    told = set(re.findall(r"^\| `(Waybill[A-Za-z]+)`", (root / "docs/operations.md").read_text(encoding="utf-8"), re.MULTILINE))
    wrong = [f"docs/operations.md does not tell of the alarm {name}" for name in sorted(names - told)]
    wrong += [f"docs/operations.md tells of an alarm {name}, which is not there" for name in sorted(told - names)]
    tested = (root / "docker/monitoring/rules/waybill_test.yml").read_text(encoding="utf-8")
    for name in sorted(names):
        wrong += [f"no test says that {name} {does}" for does in ("fires", "is silent") if f"- name: {name} {does}\n" not in tested]
    print("\n".join(wrong))
    return len(wrong)


def main():
    if sys.argv[1] == "--ask":
        sys.exit(1 if ask_all(pathlib.Path(sys.argv[2])) + find_fault() else 0)
    binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = check_documents(root)
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        print("skipped: there is no prometheus")
        sys.exit(1 if wrong else 77)
    rules = root / "docker/monitoring/rules/waybill_test.yml"
    tested = subprocess.run(["promtool", "test", "rules", rules.name], cwd=rules.parent, capture_output=True, check=False)
    if tested.returncode != 0:
        print((tested.stdout + tested.stderr).decode())
        wrong += 1
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode != 0:
        print("skipped: a network of its own needs root")
        sys.exit(1 if wrong else 77)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "waybill").symlink_to(binary)
        (work / "prometheus.yml").write_text(CONFIG % root, encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WAYBILL_")}
        environment |= {"PATH": f"{folder}:{os.environ['PATH']}:/usr/sbin", "root": str(root)}
        done = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c", SCRIPT],
                              cwd=folder, env=environment, capture_output=True, timeout=commands.PATIENCE_S, check=False)
    print(done.stdout.decode()[-4000:])
    if done.returncode != 0:
        print(done.stderr.decode()[-3000:])
        wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
