#!/usr/bin/env python3
"""Whether a node's sink keeps up with its orders: orders as fast as 64 clients place them, on SQLite, with no sink, then with one to a
Redis and one to a RabbitMQ on the same machine, in turns. The table goes to standard output. Leaves no process and no file behind.
usage: bench/brokers/sinks.py [--rounds=2] [--seconds=10] [--binary=build/release/waybill]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/contract"), str(ROOT / "tests/contract/sinks")]

import brokers  # noqa: E402
import node  # noqa: E402

WITHOUT_DELAYS = ["--couriers=2000", "--courier-shortest-delay=0ms", "--courier-longest-delay=0ms", "--courier-decline-percent=0",
                  "--courier-abort-percent=0", "--courier-vanish-percent=0", "--provider-shortest-delay=0ms",
                  "--provider-longest-delay=0ms", "--http-rate-reads=off", "--http-rate-writes=off", "--sink-targets=any"]
LONGEST_S = 300


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=60) as answer:
        return answer.read().decode()


def metric(url, name):
    """The sum over all labels; zero while there is none."""
    lines = [line for line in ask(url + "/metrics").splitlines() if line.startswith((name + " ", name + "{"))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


class Watch(threading.Thread):
    """How far a sink is behind, twice a second."""

    def __init__(self, url):
        super().__init__()
        self.url, self.worst, self.ended = url, 0.0, threading.Event()

    def run(self):
        while not self.ended.wait(0.5):
            self.worst = max(self.worst, metric(self.url, "waybill_sink_lag_seconds"))


def measure(binary, folder, broker, seconds):
    """Orders per second, events per second at the broker, the longest lag, and the time until the broker had all."""
    with node.started(binary, folder / "node", *WITHOUT_DELAYS) as url:
        if broker:
            ask(url + "/v1/sinks", {"url": broker.url, "destination": broker.destination, "user": brokers.USER,
                                    "password": brokers.PASSWORD, "types": ["order.*"]})
        watch = Watch(url)
        watch.start()
        began = time.monotonic()
        ran = subprocess.run([binary, "bench", "orders", f"--url={url}", f"--duration={seconds}s"], capture_output=True, text=True,
                             check=True, timeout=LONGEST_S)
        ended = time.monotonic()
        while broker and metric(url, "waybill_sink_lag_seconds") > 0:
            if time.monotonic() - ended > LONGEST_S:
                raise SystemExit(f"bench/brokers/sinks.py: the sink to {broker.name} does not catch up")
            time.sleep(0.05)
        caught_up = time.monotonic()
        watch.ended.set()
        watch.join()
        published = metric(url, "waybill_sink_published_total")
    return json.loads(ran.stdout)["completed_per_s"], published / (caught_up - began), watch.worst, caught_up - ended


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--binary", default=str(ROOT / "build/release/waybill"))
    chosen = options.parse_args()
    if not brokers.is_installed():
        raise SystemExit("bench/brokers/sinks.py: rabbitmq-server or redis-server is missing: scripts/setup.sh installs them")
    print("| round | sink | orders completed per second | events at the broker per second | longest lag | behind at the end |")
    print("|---|---|---|---|---|---|")
    for number in range(1, chosen.rounds + 1):
        for make in (None, brokers.Redis, brokers.RabbitMQ):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                broker = make(folder / "broker") if make else None
                try:
                    if broker:
                        broker.start()
                        broker.prepare()
                    orders, events, lag, behind = measure(chosen.binary, folder, broker, chosen.seconds)
                finally:
                    if broker:
                        broker.close()
            label = broker.name if broker else "none"
            print(f"| {number} | {label} | {orders:,.0f} | {events:,.0f} | {lag:.0f} s | {behind:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
