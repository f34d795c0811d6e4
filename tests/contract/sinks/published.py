#!/usr/bin/env python3
"""Sinks over a real broker: published.py <waybill binary> rabbitmq|redis

While orders are placed, the node is killed and started again, then the broker is. Each event of the log is at the broker, at least
once, under its id; the first copies of each order's events are in the order of the log. A broker that is away is seen: in the sink, in
the log of events, in the metrics. The password is nowhere. Skipped (77) where the broker is not installed.
"""

import functools
import http.client
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

try:
    import brokers
    import node
    from node import check
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

PATIENCE_S = 90
wait_until = functools.partial(node.wait_until, patience_s=PATIENCE_S, every_s=0.1)
QUIET = ["--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0", "--http-target-latency=0ms",
         "--http-rate-writes=off", "--http-rate-reads=off", "--sink-targets=any", "--sink-retry-longest=2s"]
ORDERS = 60


def ask(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def refusal(method, url, body):
    """The problem that a request is refused with."""
    try:
        ask(method, url, body)
    except urllib.error.HTTPError as error:
        return json.load(error)
    raise AssertionError(f"{method} {url} {body} is not refused")


class Shop(threading.Thread):
    """Places orders until each is accepted, whatever happens to the node meanwhile."""

    def __init__(self, at):
        super().__init__()
        self.url, self.placed, self.wrong = at.url, [], None
        self.product = ask("POST", self.url + "/v1/products", {"sku": "tea", "name": "Tea", "price": {"amount": 475, "currency": "EUR"},
                                                               "on_hand": 10 * ORDERS})["id"]

    def place(self, key):
        body = {"lines": [{"product_id": self.product, "quantity": 1}], "payment": {"method": "card", "token": "tok_ok"},
                "delivery": {"name": "Ada", "address": "1 Main Street"}}
        return ask("POST", self.url + "/v1/orders", body, {"Idempotency-Key": f"order-{key}"})["id"]

    def run(self):
        for number in range(ORDERS):
            end = time.monotonic() + PATIENCE_S
            while len(self.placed) == number:
                try:
                    self.placed.append(self.place(number))
                except (OSError, http.client.HTTPException) as error:
                    if time.monotonic() > end:
                        self.wrong = error
                        return
                    time.sleep(0.1)
            time.sleep(0.05)


def log_of(url):
    """All events of orders, in the order of the log."""
    events, after = [], "earliest"
    while after:
        page = ask("GET", f"{url}/v1/events?after={after}&type=order.*&limit=200")
        events += page["items"]
        after = page["next_cursor"]
    return events


def first_copies(read):
    seen, copies = set(), []
    for name, event in read:
        check(name == event["id"] == event["data"]["id"], f"three names for one event: {name} {event}")
        if name not in seen:
            seen.add(name)
            copies.append(event)
    return copies


def check_events(url, broker):
    """Everything in the log is at the broker, in order by key."""
    log = log_of(url)
    read = broker.read()
    copies = first_copies(read)
    missing = {event["id"] for event in log} - {event["id"] for event in copies}
    check(not missing, f"{len(missing)} of {len(log)} events are lost: {sorted(missing)[:5]}")
    check([event["id"] for event in copies] == [event["id"] for event in log], "the first copies are in another order than the log")
    versions = {}
    for event in copies:
        check(event["specversion"] == "1.0" and event["source"] == "/v1/events" and event["datacontenttype"] == "application/json",
              f"no CloudEvent: {event}")
        check(event["type"] == event["data"]["type"] and event["subject"] == event["data"]["stream"], f"another event inside: {event}")
        check(event["partitionkey"].startswith("ord_"), f"the key is no order: {event}")
        version = event["data"]["version"]
        check(versions.get(event["subject"], 0) < version, f"{event['subject']} went back to {version}")
        versions[event["subject"]] = version
    print(f"{len(log)} events, {len(read) - len(copies)} of them twice")
    return len(log)


def check_refusals(url, broker):
    wanted = {"url": broker.url, "types": ["order.*"]}
    for field, body in {"/url": {**wanted, "url": "http://127.0.0.1"}, "/types": {**wanted, "types": ["no such"]},
                        "/destination": {**wanted, "destination": "a b"}}.items():
        problem = refusal("POST", url + "/v1/sinks", body)
        check([each["pointer"] for each in problem["errors"]] == [field], f"{body}: {problem}")
    problem = refusal("POST", url + "/v1/sinks", {**wanted, "url": "amqp://me:secret@127.0.0.1"})
    check("secret" not in json.dumps(problem), f"the password comes back: {problem}")


def check_example(url, broker, shop):
    """The consumer of docs/sinks.md runs as it stands there, but for its addresses, and sees an order."""
    blocks = re.findall(r"^```python\n(.*?)^```$", (HERE.parents[2] / "docs" / "sinks.md").read_text(), re.MULTILINE | re.DOTALL)
    code = next(block for block in blocks if f"import {broker.library}\n" in block)
    code = code.replace(broker.example_url, broker.consumer_url).replace('"waybill.events"', f'"{broker.destination}"')
    with subprocess.Popen([sys.executable, "-B", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as consumer:
        wait_until(broker.has_example, "the example of docs/sinks.md makes nothing at the broker")
        order = shop.place("example")
        out, err = consumer.communicate(timeout=PATIENCE_S)
    check(consumer.returncode == 0 and f"order.placed {order}" in out.splitlines(), f"{code} prints {out} {err}")
    wait_until(lambda: ask("GET", f"{url}/v1/orders/{order}")["status"] == "completed", "an order is not completed")


def metric(url, name):
    with urllib.request.urlopen(url + "/metrics", timeout=PATIENCE_S) as answer:
        found = re.search(rf"^{name}{{[^}}]*}} (\S+)", answer.read().decode(), re.MULTILINE)
    return float(found[1]) if found else None


def run(binary, broker, folder):
    at = node.Restartable(binary, folder / "node", *QUIET)
    try:
        at.start()
        check_refusals(at.url, broker)
        broker.prepare()
        made = ask("POST", at.url + "/v1/sinks", {"url": broker.url, "destination": broker.destination, "user": brokers.USER,
                                                  "password": brokers.PASSWORD, "types": ["order.*"], "description": "The ERP"})
        place = f"{at.url}/v1/sinks/{made['id']}"
        check(made["broker"] == broker.name and made["status"] == "enabled" and "password" not in made, f"{made}")
        shop = Shop(at)
        shop.start()
        wait_until(lambda: len(shop.placed) >= ORDERS // 4, "no orders are placed")
        at.kill()
        at.start()
        wait_until(lambda: len(shop.placed) >= ORDERS // 2, "no orders are placed after the node was killed")
        broker.kill()
        wait_until(lambda: ask("GET", place)["failing_since"], "nobody sees that the broker is away")
        check(ask("GET", place)["last_error"], "a sink fails for no reason")
        wait_until(lambda: metric(at.url, "waybill_sink_failing") == 1, "the metric does not see that the broker is away")
        types = [event["type"] for event in ask("GET", at.url + "/v1/events?after=earliest&type=sink.*")["items"]]
        check(types[0] == "sink.created" and "sink.failing" in types, f"{types}")
        broker.start()
        wait_until(lambda: not ask("GET", place)["failing_since"], "nobody sees that the broker is back")
        shop.join()
        check(shop.wrong is None, f"an order was not accepted: {shop.wrong}")
        wait_until(lambda: all(ask("GET", f"{at.url}/v1/orders/{order}")["status"] == "completed" for order in shop.placed),
                   "an order is not completed")
        count = len(log_of(at.url))
        wait_until(lambda: len({name for name, _ in broker.read()}) >= count, "events do not arrive")
        check(check_events(at.url, broker) >= ORDERS * 5, "too few events")
        wait_until(lambda: metric(at.url, "waybill_sink_lag_seconds") == 0, "the lag stays")

        # Off: nothing comes; on again: what happened meanwhile.
        check(ask("PATCH", place, {"status": "disabled"})["status"] == "disabled", "it is not disabled")
        before = len(broker.read())
        late = shop.place("late")
        wait_until(lambda: ask("GET", f"{at.url}/v1/orders/{late}")["status"] == "completed", "an order is not completed")
        check(len(broker.read()) == before, "a sink that is disabled publishes")
        check(ask("PATCH", place, {"status": "enabled"})["status"] == "enabled", "it is not enabled")
        count = len(log_of(at.url))
        wait_until(lambda: len({name for name, _ in broker.read()}) >= count, "what happened meanwhile does not arrive")
        check_events(at.url, broker)

        check_example(at.url, broker, shop)
        everything = json.dumps([ask("GET", place), ask("GET", at.url + "/v1/sinks"),
                                 ask("GET", at.url + "/v1/events?after=earliest&type=sink.*")])
        check(brokers.PASSWORD not in everything + (folder / "node" / "node.log").read_text(), "the password is shown")
        ask("DELETE", place)
        check(ask("GET", at.url + "/v1/sinks")["items"] == [], "the sink is still there")
    finally:
        at.stop()


def main():
    if not brokers.is_installed():
        print("skipped: rabbitmq-server and redis-server are not installed")
        return 77
    kind = {"rabbitmq": brokers.RabbitMQ, "redis": brokers.Redis}[sys.argv[2]]
    with tempfile.TemporaryDirectory() as folder:
        broker = kind(pathlib.Path(folder) / sys.argv[2])
        try:
            broker.start()
            run(sys.argv[1], broker, pathlib.Path(folder))
        finally:
            broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
