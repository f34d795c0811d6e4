#!/usr/bin/env python3
"""Brokers by TLS and with passwords: secure.py <waybill binary> [rabbitmq] [redis] [kafka] [kafka-scram]

Real ones, but for Kafka (kafka_server.py). Events arrive and orders are taken where authority, host name and password are right. Where one
of them is wrong nothing is, the sink and the source say which, and it works again when it is right. No password is in an answer or in
the log. Skipped (77) where a broker is not installed.
"""

import json
import pathlib
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

try:
    import brokers
    import node
    import secure_brokers
    from published import ask, check, first_copies, log_of, wait_until
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

OPTIONS = ["--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0", "--http-target-latency=0ms",
           "--sink-targets=any", "--sink-retry-first=100ms", "--sink-retry-longest=1s", "--sink-confirm-timeout=2s",
           "--source-retry-longest=1s"]
WRONG_PASSWORD = "octopus-23"
ANOTHER_HOST, UNTRUSTED = "is for another host", "is not trusted"
KINDS = {"rabbitmq": secure_brokers.RabbitMQ, "redis": secure_brokers.Redis, "kafka": secure_brokers.Kafka,
         "kafka-scram": lambda folder, certificates: secure_brokers.Kafka(folder, certificates, is_secure=False)}


class Shop:
    """A node with sinks and sources, some of them wrong, and its orders."""

    def __init__(self, binary, broker, certificates, folder):
        self.broker, self.certificates, self.log = broker, certificates, ""
        self.at = node.Restartable(binary, folder / "node", *OPTIONS)
        self.queue = broker.make_queue()
        # What is wrong with a source, by a part of its URL; nothing is wrong with the first.
        self.sources = {}
        if self.queue:
            right = self.queue.url
            self.sources = {right.split("?")[1]: None}
            for name, url, why in (("elsewhere", right.replace(self.host(broker.url), self.host(broker.other_url)), ANOTHER_HOST),
                                   ("unsigned", right.replace(brokers.PASSWORD, WRONG_PASSWORD), broker.wrong_password)):
                right += "\n" + url.replace("=orders", "=" + name)
                self.sources["=" + name] = why
            (folder / "source").write_text(right)
            self.source_option = [f"--source-file={folder}/source"]
        self.start(certificates.ca)
        self.product = ask("POST", self.at.url + "/v1/products", {"sku": "tea", "name": "Tea", "on_hand": 100,
                                                                  "price": {"amount": 475, "currency": "EUR"}})["id"]
        broker.prepare()
        # What is wrong with a sink, by its destination.
        self.sinks = {broker.destination: self.make_sink(broker.url, broker.destination, brokers.PASSWORD)}
        self.wrong_sinks = {"unsigned": (self.make_sink(broker.url, "unsigned", WRONG_PASSWORD), broker.wrong_password)}
        if broker.other_url:
            self.wrong_sinks["elsewhere"] = (self.make_sink(broker.other_url, "elsewhere", brokers.PASSWORD), ANOTHER_HOST)

    @staticmethod
    def host(url):
        return url.split("://")[1].split(":")[0]

    def start(self, ca):
        if self.at.process:
            self.stop()
        self.at.options = [*OPTIONS, f"--sink-ca={ca}", f"--source-ca={ca}", *(self.source_option if self.queue else [])]
        self.at.start()

    def stop(self):
        self.at.stop()
        self.log += (self.at.folder / "node.log").read_text()

    def make_sink(self, url, destination, password):
        return ask("POST", self.at.url + "/v1/sinks", {"url": url, "destination": destination, "user": self.broker.user,
                                                       "password": password, "types": ["order.*"]})["id"]

    def sink(self, name):
        return ask("GET", f"{self.at.url}/v1/sinks/{name}")

    def order(self, note):
        return {"lines": [{"product_id": self.product, "quantity": 1}], "payment": {"method": "card", "token": "tok_ok"},
                "delivery": {"name": "Ada", "address": "1 Main Street"}, "note": note}

    def place(self, note):
        order = ask("POST", self.at.url + "/v1/orders", self.order(note), {"Idempotency-Key": note})["id"]
        wait_until(lambda: ask("GET", f"{self.at.url}/v1/orders/{order}")["status"] == "completed", f"the order {note} is not completed")

    def put(self, note):
        if self.queue:
            self.queue.put(note, json.dumps(self.order(note)))

    def notes(self):
        return [order["note"] for order in ask("GET", self.at.url + "/v1/orders?limit=200")["items"]]

    def conditions(self):
        """Of the sources, by the end of their URL."""
        with urllib.request.urlopen(self.at.url + "/readyz?verbose", timeout=10) as answer:
            all_of_them = json.load(answer).get("sources", [])
        return {part: next(each for each in all_of_them if part in each["source"]) for part in self.sources}


def await_failure(shop, sink, why):
    def is_told():
        state = shop.sink(sink)
        return state["failing_since"] and why in state["last_error"]
    try:
        wait_until(is_told, "it is not told")
    except AssertionError as late:
        raise AssertionError(f"a sink does not say {why!r}: {shop.sink(sink)}") from late


def await_problem(shop, part, why):
    def is_told():
        state = shop.conditions()[part]
        return not state["connected"] and why in state.get("problem", "")
    try:
        wait_until(is_told, "it is not told")
    except AssertionError as late:
        raise AssertionError(f"a source does not say {why!r}: {shop.conditions()}") from late


def check_arrival(shop, notes):
    """The orders of the queue are placed, and all events of the log are at the broker, in order."""
    if shop.queue:
        wait_until(lambda: sorted(shop.notes()) == sorted(notes), "the orders of the queue are not placed")
    orders = ask("GET", shop.at.url + "/v1/orders?limit=200")["items"]
    wait_until(lambda: all(ask("GET", f"{shop.at.url}/v1/orders/{order['id']}")["status"] == "completed" for order in orders),
               "an order is not completed")
    log = [event["id"] for event in log_of(shop.at.url)]
    wait_until(lambda: [event["id"] for event in first_copies(shop.broker.read())] == log, "the events of the log do not arrive")
    check(len(log) >= 5 * len(notes), f"{len(log)} events of {len(notes)} orders")


def run(shop):
    broker, notes = shop.broker, ["placed"]
    shop.place("placed")
    if shop.queue:
        notes.append("queued")
        shop.put("queued")
    check_arrival(shop, notes)
    for sink, why in shop.wrong_sinks.values():
        await_failure(shop, sink, why)
    for part, why in shop.sources.items():
        if why:
            await_problem(shop, part, why)
    print(f"{broker.url}: events arrive; else:", *(shop.sink(sink)["last_error"] for sink, _ in shop.wrong_sinks.values()), sep="\n  ")
    [good] = shop.sinks.values()
    check(not shop.sink(good)["failing_since"], "the sink that is right fails")

    if broker.other_url:
        before = len(broker.read())
        shop.start(shop.certificates.other_ca)
        notes.append("untrusted")
        shop.place("untrusted")
        if shop.queue:
            notes.append("waiting")
            shop.put("waiting")
        await_failure(shop, good, UNTRUSTED)
        for part, why in shop.sources.items():
            if not why:
                await_problem(shop, part, UNTRUSTED)
        print(f"  {shop.sink(good)['last_error']}")
        check(len(broker.read()) == before, "events go to a broker that is not trusted")
        check("waiting" not in shop.notes(), "an order comes from a broker that is not trusted")
        shop.start(shop.certificates.ca)
        check_arrival(shop, notes)
        wait_until(lambda: not shop.sink(good)["failing_since"], "the sink still fails")

    for destination in shop.wrong_sinks:
        check(not broker.has(destination), f"something is at {destination}")
    everything = json.dumps([ask("GET", shop.at.url + "/v1/sinks"), ask("GET", shop.at.url + "/v1/events?after=earliest&type=sink.*"),
                             shop.conditions()])
    shop.stop()
    for line in {why for why in shop.sources.values() if why}:
        check("no orders are taken from" in shop.log and line in shop.log, f"the log does not say {line!r}")
    for password in (brokers.PASSWORD, WRONG_PASSWORD):
        check(password not in everything + shop.log, "a password is shown")


def main():
    if not brokers.is_installed():
        print("skipped: rabbitmq-server and redis-server are not installed")
        return 77
    for kind in sys.argv[2:] or KINDS:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            certificates = secure_brokers.Certificates(folder / "certificates")
            broker = KINDS[kind](folder / kind, certificates)
            shop = None
            try:
                broker.start()
                shop = Shop(sys.argv[1], broker, certificates, folder)
                run(shop)
            finally:
                if shop:
                    shop.at.stop()
                broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
