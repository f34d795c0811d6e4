"""What a staged fault needs: nodes, a database and a Prometheus with the shipped alarms, in a network of the test's own."""

import glob
import json
import math
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from hastened import hastened

PATIENCE_S = int(os.environ.get("WAYBILL_TEST_PATIENCE_S", "90"))
PROMETHEUS = "http://127.0.0.1:9090"
CONFIG = """
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: ["rules.yml"]
scrape_configs:
  - job_name: waybill
    static_configs: [{targets: %s}]
"""
# `waybill shell -c "why ..."` of a node that does not answer ends by itself.
SHELL_LIMIT_S = 60


def until(condition, claim):
    """Waits for what `condition` gives, and gives it."""
    end = time.monotonic() + PATIENCE_S
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE_S} s: {claim}")
        time.sleep(0.2)


def call(url, body=None, headers=None, method=None):
    """Status and JSON of the answer to a request; status 0 without an answer."""
    request = urllib.request.Request(url, method=method, headers={"Content-Type": "application/json", **(headers or {})},
                                     data=json.dumps(body).encode() if body is not None else None)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else None
    except urllib.error.HTTPError as refused:
        return refused.code, None
    except OSError:
        return 0, None


class Site:
    def __init__(self, binary, root):
        self.binary, self.root = binary, pathlib.Path(root)
        self.processes, self.ports, self.product = [], [], None
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    # -- what runs -------------------------------------------------------------------------------------------------------

    def start(self, *words):
        log = open(f"log.{len(self.processes)}.{pathlib.Path(words[0]).name}", "wb")
        self.processes.append(subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True))
        return self.processes[-1]

    def postgres(self):
        """A server of the user postgres, with a database for the nodes."""
        programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1]).parent
        folder = pathlib.Path("pg")
        folder.mkdir()
        os.chmod(".", 0o777)
        subprocess.run(["chown", "postgres", str(folder)], check=True)
        as_postgres = ["runuser", "-u", "postgres", "--"]
        subprocess.run([*as_postgres, str(programs / "initdb"), "--auth=trust", "--no-sync", "-D", str(folder)], check=True,
                       stdout=subprocess.DEVNULL)
        with open(folder / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(f"unix_socket_directories = '{os.getcwd()}'\n")
        self.start(*as_postgres, str(programs / "postgres"), "-D", str(folder))
        until(lambda: subprocess.run(["pg_isready", "-qh", "127.0.0.1"], check=False).returncode == 0, "PostgreSQL answers")
        self.sql("create role waybill login")

    def sql(self, *statements):
        words = ["psql", "-qh", "127.0.0.1", "-U", "postgres", "postgres"]
        for statement in statements:
            words += ["-c", statement]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    def database(self, *options):
        self.sql("create database waybill owner waybill " + " ".join(options))

    def node(self, number, *options):
        """A node with HTTP, or what operators ask of one that is no gateway, on port 4000 + number, and shells and nodes on 4100 +
        number."""
        self.ports.append(4000 + number)
        is_gateway = not any(option.startswith("--role=") and "gateway" not in option for option in options)
        words = [self.binary, "node", f"--listen=127.0.0.1:{4100 + number}", *options,
                 f"--{'http' if is_gateway else 'ops'}=127.0.0.1:{4000 + number}"]
        if not any(option.startswith("--store=") for option in options):
            words.append(f"--store=sqlite:{number}.db")
        process = self.start(*words)
        until(lambda: call(f"http://127.0.0.1:{4000 + number}/healthz")[0] == 200, f"node {number} lives")
        return process

    def ready(self, number=0):
        until(lambda: call(self.url(number) + "/readyz")[0] == 200, "the node is ready")

    def watch(self):
        """A Prometheus that scrapes all nodes, with the shipped alarms."""
        rules = (self.root / "docker/monitoring/rules/waybill.yml").read_text(encoding="utf-8")
        pathlib.Path("rules.yml").write_text(hastened(rules), encoding="utf-8")
        targets = json.dumps([f"127.0.0.1:{port}" for port in self.ports])
        pathlib.Path("prometheus.yml").write_text(CONFIG % targets, encoding="utf-8")
        self.start("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=metrics", "--log.level=error",
                   "--web.listen-address=127.0.0.1:9090")
        until(lambda: call(PROMETHEUS + "/-/ready")[0] == 200, "Prometheus is ready")
        until(lambda: self.ask("count(up == 1)") == [({}, float(len(self.ports)))], "every node is scraped")

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGCONT)
            process.kill()
        for process in self.processes:
            process.wait()

    # -- orders ----------------------------------------------------------------------------------------------------------

    def url(self, number=0):
        return f"http://127.0.0.1:{4000 + number}"

    def order(self, token="tok_ok", number=0):
        """Its id; None when it was refused."""
        if self.product is None:
            body = {"sku": "T", "name": "Tea", "price": {"amount": 499, "currency": "EUR"}, "on_hand": 1_000_000}
            self.product = until(lambda: call(self.url(number) + "/v1/products", body)[1], "a product is made")["id"]
        body = {"lines": [{"product_id": self.product, "quantity": 1}], "payment": {"method": "card", "token": token},
                "delivery": {"name": "Ada", "address": "Main Street 1 [couriers: complete]"}}
        status, order = call(self.url(number) + "/v1/orders", body, {"Idempotency-Key": f"k{time.monotonic_ns()}"})
        return order["id"] if status == 201 else None

    def settle(self, number=0):
        """Places one order that completes, so that the metrics have normal values first."""
        order = until(lambda: self.order(number=number), "an order is taken")
        until(lambda: (call(f"{self.url(number)}/v1/orders/{order}")[1] or {}).get("status") == "completed", "it is completed")

    # -- what is seen ------------------------------------------------------------------------------------------------------

    def ask(self, query):
        """Labels and value of each series."""
        with urllib.request.urlopen(PROMETHEUS + "/api/v1/query?" + urllib.parse.urlencode({"query": query}), timeout=30) as answer:
            result = json.load(answer)["data"]["result"]
        return [({k: v for k, v in series["metric"].items() if k != "__name__"}, float(series["value"][1])) for series in result]

    def fires(self, alarm):
        return bool(self.ask(f'ALERTS{{alertname="{alarm}",alertstate="firing"}}'))

    def shown(self, dashboard, title, is_fault):
        """What a panel has of the fault."""
        text = (self.root / f"docker/monitoring/grafana/dashboards/{dashboard}.json").read_text(encoding="utf-8")
        panels = [panel for panel in json.loads(text)["panels"] if panel["title"] == title]
        assert panels, f"{dashboard}.json has no panel {title}"
        queries = [target["expr"].replace("$__rate_interval", "10s").replace("$role", ".*") for target in panels[0]["targets"]]
        return [(labels, value) for query in queries for labels, value in self.ask(query)
                if not math.isnan(value) and is_fault(labels, value)]

    def shell(self, command, number=0):
        done = subprocess.run([self.binary, "shell", f"--connect=127.0.0.1:{4100 + number}", "-c", command], capture_output=True,
                              timeout=SHELL_LIMIT_S, check=False)
        return done.stdout.decode()
