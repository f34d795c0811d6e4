#!/usr/bin/env python3
"""Sources over a real broker: taken.py <waybill binary> rabbitmq|redis

While orders are put into a queue, some of them twice, the node is killed and started again, then the broker is: each becomes one order,
of the customer whose service key the node has. So they do while the database is away, and when the node ends in the middle. What is no
order is put to the dead letters with its problem, and the queue goes on. The programs of docs/sources.md run. The password and the key
are nowhere. Skipped (77) where the broker is not installed.
"""

import functools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

try:
    import pika
    import redis

    import brokers
    import node
    from node import check
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

PATIENCE_S = 90
wait_until = functools.partial(node.wait_until, patience_s=PATIENCE_S, every_s=0.1)
ADMIN = {"email": "admin@example.com", "password": "a good long password"}
OPTIONS = ["--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0", "--http-target-latency=0ms",
           "--http-rate-writes=off", "--http-rate-reads=off", "--http-rate-auth=off", "--auth=required",
           f"--admin-email={ADMIN['email']}", f"--admin-password={ADMIN['password']}", "--chaos=on",
           # A request that waits for the database does not outlast its absence.
           "--http-request-timeout=2s"]
BEFORE, MESSAGES = 40, 160
QUEUE = "orders"


class RabbitQueue:
    """The queue at RabbitMQ, and its dead letters, as programs of others use them."""

    def __init__(self, broker):
        self.broker, self.channel = broker, None
        self.url = f"{broker.consumer_url}/?queue={QUEUE}"

    def open(self):
        self.channel = self.broker.connection().channel()
        self.channel.queue_declare(QUEUE, durable=True)
        self.channel.confirm_delivery()

    def put(self, name, body):
        """Until it is confirmed: a message whose confirmation was lost is there twice."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                if self.channel is None:
                    self.open()
                self.channel.basic_publish("", QUEUE, body, pika.BasicProperties(message_id=name, delivery_mode=2), mandatory=True)
                return
            except (pika.exceptions.AMQPError, OSError):
                self.channel = None
                check(time.monotonic() < end, "the broker takes nothing")
                time.sleep(0.2)

    def put_unreadable(self):
        self.put(None, "{}")

    def dead_letters(self):
        """(id, body, problem, code, status) of each."""
        connection = self.broker.connection()
        channel = connection.channel()
        letters = []
        while True:
            got, properties, body = channel.basic_get(QUEUE + ".dead", auto_ack=True)
            if got is None:
                connection.close()
                return letters
            check(properties.delivery_mode == 2, "a dead letter would not outlive the broker")
            headers = properties.headers
            letters.append((properties.message_id, body.decode(), json.loads(headers["x-waybill-problem"]), headers["x-waybill-code"],
                            headers["x-waybill-status"]))

    def waiting(self):
        """Messages that are not settled; of a node that has ended."""
        connection = self.broker.connection()
        count = connection.channel().queue_declare(QUEUE, passive=True).method.message_count
        connection.close()
        return count


class RedisQueue:
    """The same at Redis."""

    def __init__(self, broker):
        self.broker = broker
        self.url = f"{broker.consumer_url}?stream={QUEUE}"
        self.read = 0

    def add(self, fields):
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.broker.client().xadd(QUEUE, fields)
                return
            except (redis.exceptions.RedisError, OSError):
                check(time.monotonic() < end, "the broker takes nothing")
                time.sleep(0.2)

    def put(self, name, body):
        self.add({"id": name, "order": body})

    def put_unreadable(self):
        self.add({"line": "{}"})

    def dead_letters(self):
        entries = self.broker.client().xrange(QUEUE + ".dead")
        letters = [(fields.get("id"), fields.get("order", "{}"), json.loads(fields["problem"]), fields["code"], int(fields["status"]))
                   for _, fields in entries[self.read:]]
        self.read = len(entries)
        return letters

    def waiting(self):
        [group] = self.broker.client().xinfo_groups(QUEUE)
        return group["pending"] + group["lag"]


class Shop:
    """What is asked of the node over HTTP, as the admin."""

    def __init__(self, at):
        self.at, self.token = at, None
        self.sign_in()
        self.product = self.ask("POST", "/v1/products", {"sku": "tea", "name": "Tea", "price": {"amount": 475, "currency": "EUR"},
                                                         "on_hand": 10 * MESSAGES})["id"]
        made = self.ask("POST", "/v1/service-keys", {"name": "till", "roles": ["customer"]})
        self.key = made["token"]
        self.customer = "cus_" + made["key"]["id"].split("_")[1]

    def sign_in(self):
        self.token = self.ask("POST", "/v1/auth/login", ADMIN)["access_token"]

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.at.url + path, data, headers, method=method), timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def order(self, note):
        return json.dumps({"lines": [{"product_id": self.product, "quantity": 1}], "payment": {"method": "card", "token": "tok_ok"},
                           "delivery": {"name": "Ada", "address": "1 Main Street"}, "note": note})

    def notes(self):
        """Of all orders; none while the node does not answer."""
        notes, cursor = [], ""
        try:
            while cursor is not None:
                page = self.ask("GET", f"/v1/orders?limit=200{cursor and '&cursor=' + cursor}")
                for order in page["items"]:
                    check(order["customer_id"] == self.customer, f"an order is of somebody else: {order}")
                    notes.append(order["note"])
                cursor = page["next_cursor"]
        except OSError:
            return []
        return notes

    def metrics(self):
        with urllib.request.urlopen(self.at.url + "/metrics", timeout=PATIENCE_S) as answer:
            text = answer.read().decode()
        counts = dict(re.findall(r'^waybill_source_messages_total{(?=[^}]*source="[^"]*[?])[^}]*outcome="(\w+)"[^}]*} (\S+)', text, re.MULTILINE))
        connected = re.search(r"^waybill_source_connected{[^}]*} (\S+)", text, re.MULTILINE)
        waiting = re.search(r"^waybill_source_waiting{[^}]*} (\S+)", text, re.MULTILINE)
        return {name: float(value) for name, value in counts.items()} | {"connected": float(connected[1]), "waiting": float(waiting[1])}

    def readiness(self):
        with urllib.request.urlopen(self.at.url + "/readyz?verbose", timeout=PATIENCE_S) as answer:
            [source] = json.load(answer)["sources"]
            return source


class Sender(threading.Thread):
    """Puts orders into the queue, each under a name of its own, every fifth twice."""

    def __init__(self, shop, queue, names, pause_s=0.02):
        super().__init__()
        self.shop, self.queue, self.names, self.pause_s, self.wrong = shop, queue, names, pause_s, None

    def run(self):
        try:
            for number, name in enumerate(self.names):
                for _ in range(2 if number % 5 == 0 else 1):
                    self.queue.put(name, self.shop.order(name))
                time.sleep(self.pause_s)
        except (AssertionError, pika.exceptions.AMQPError) as error:
            self.wrong = error


def check_orders(shop, names):
    """Each is there, once."""
    wait_until(lambda: len(shop.notes()) >= len(names), "messages are lost")
    notes = shop.notes()
    check(sorted(notes) == sorted(names), f"{len(notes)} orders of {len(names)} messages; lost {sorted(set(names) - set(notes))[:5]}, "
                                          f"doubled {sorted(note for note in notes if notes.count(note) > 1)[:5]}")


def check_poison(shop, queue, names):
    """What is no order is a dead letter, as it was, and the one behind it an order."""
    unknown = shop.order("poison").replace(shop.product, "prd_06gz71vs9crkcyttdaw5")
    poison = {"no-json": ("{", 400, "invalid_json"), "no-order": ('{"lines": []}', 422, "validation_failed"),
              "no-such-product": (unknown, 422, "validation_failed"),
              names[0]: (shop.order("another order of the same name"), 422, "idempotency_key_reused")}
    for name, (body, _, _) in poison.items():
        queue.put(name, body)
    queue.put_unreadable()
    names.append("behind-the-poison")
    queue.put(names[-1], shop.order(names[-1]))
    check_orders(shop, names)
    wait_until(lambda: shop.metrics()["dead"] == len(poison) + 1, "the metric does not see the dead letters")
    letters = {name: rest for name, *rest in queue.dead_letters()}
    check(len(letters) == len(poison) + 1, f"{letters}")
    for name, (body, status, code) in poison.items():
        was, problem, told, told_status = letters.pop(name)
        check(was == body and problem["status"] == told_status == status and problem["code"] == told == code,
              f"{name}: {was} {problem} {told} {told_status}")
    [(was, problem, code, told)] = letters.values()
    check((was, problem["status"], code, told) == ("{}", 422, "validation_failed", 422), f"{was} {problem} {code} {told}")


def check_database_away(shop, queue, names):
    """What cannot be placed waits, and is no dead letter."""
    before = shop.metrics()
    shop.ask("POST", "/v1/chaos", {"fault": "database_away", "lasts_ms": 8000})

    def is_tried_again():
        names.append(f"away-{len(names)}")
        queue.put(names[-1], shop.order(names[-1]))
        return shop.metrics()["retried"] > before["retried"]

    wait_until(is_tried_again, "nothing is tried again while the database is away")
    # More than a node has at once.
    for number in range(150):
        names.append(f"waiting-{number}")
        queue.put(names[-1], shop.order(names[-1]))
    wait_until(lambda: shop.metrics()["waiting"] > 50, "the metric does not see that messages wait")
    check_orders(shop, names)
    wait_until(lambda: shop.metrics()["waiting"] == 0, "the metric sees messages that do not wait any more")
    check(shop.metrics()["dead"] == before["dead"] and not queue.dead_letters(), "what came while the database was away is a dead letter")


def check_end(shop, queue, names):
    """A node that ends settles what is under way, and leaves the rest to the broker."""
    late = [f"end-{number}" for number in range(300)]
    for name in late:
        queue.put(name, shop.order(name))
    shop.at.stop()
    check(shop.at.process.returncode == 0, "the node did not end in order")
    names += late
    shop.at.start()
    check_orders(shop, names)


def check_example(shop, broker, names):
    """The program of docs/sources.md runs as it stands there, but for its addresses and its product."""
    blocks = re.findall(r"^```python\n(.*?)^```$", (HERE.parents[2] / "docs" / "sources.md").read_text(), re.MULTILINE | re.DOTALL)
    code = next(block for block in blocks if f"import {broker.library}\n" in block)
    code = code.replace(broker.example_url, broker.consumer_url).replace("prd_06gz71vs9crkcyttdaw5", shop.product)
    # Twice: it is one order.
    for _ in range(2):
        done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        check(done.returncode == 0, f"{code} ends with {done.stderr}")
    names.append("From the till")
    check_orders(shop, names)


def begin(binary, folder, queue):
    """The node, once without a source, for the key, and then with one."""
    at = node.Restartable(binary, folder / "node", *OPTIONS)
    at.start()
    try:
        shop = Shop(at)
        at.stop()
        (folder / "source").write_text(queue.url + "\n")
        (folder / "key").write_text(shop.key + "\n")
        at.options = [*OPTIONS, f"--source-file={folder}/source", f"--source-key-file={folder}/key", "--source-retry-longest=1s",
                      "--source-claim-after=5s"]
        return shop
    except BaseException:
        at.stop()
        raise


def run(binary, broker, queue, folder):
    shop = begin(binary, folder, queue)
    at, log = shop.at, ""
    try:
        # What was in the queue before counts too.
        names = [f"before-{number}" for number in range(BEFORE)]
        sender = Sender(shop, queue, names, 0)
        sender.run()
        check(sender.wrong is None, f"{sender.wrong}")
        at.start()
        check_orders(shop, names)

        more = [f"order-{number}" for number in range(MESSAGES)]
        names += more
        sender = Sender(shop, queue, more)
        sender.start()
        wait_until(lambda: len(shop.notes()) >= BEFORE + MESSAGES // 4, "no orders are placed")
        at.kill()
        log += (folder / "node" / "node.log").read_text()
        at.start()
        wait_until(lambda: len(shop.notes()) >= BEFORE + MESSAGES // 2, "no orders are placed after the node was killed")
        broker.kill()
        wait_until(lambda: shop.metrics()["connected"] == 0, "the metric does not see that the broker is away")
        # It is ready all the same.
        source = shop.readiness()
        check(not source["connected"] and source["problem"] and QUEUE in source["source"], f"{source}")
        broker.start()
        wait_until(lambda: shop.metrics()["connected"] == 1, "the metric does not see that the broker is back")
        sender.join()
        check(sender.wrong is None, f"an order could not be put into the queue: {sender.wrong}")
        check_orders(shop, names)
        source = shop.readiness()
        check(source["connected"] and "problem" not in source, f"{source}")
        check(not queue.dead_letters(), "there are dead letters")

        check_poison(shop, queue, names)
        check_database_away(shop, queue, names)
        check_example(shop, broker, names)
        log += (folder / "node" / "node.log").read_text()
        check_end(shop, queue, names)
        everything = json.dumps(shop.readiness()) + log + (folder / "node" / "node.log").read_text()
        check(brokers.PASSWORD not in everything and shop.key not in everything, "the password or the key is shown")
        at.stop()
        check(queue.waiting() == 0, f"{queue.waiting()} messages are still in the queue")
        print(f"{len(names)} orders")
    finally:
        at.stop()


def main():
    if not brokers.is_installed():
        print("skipped: rabbitmq-server and redis-server are not installed")
        return 77
    kind, of_queue = {"rabbitmq": (brokers.RabbitMQ, RabbitQueue), "redis": (brokers.Redis, RedisQueue)}[sys.argv[2]]
    with tempfile.TemporaryDirectory() as folder:
        broker = kind(pathlib.Path(folder) / sys.argv[2])
        try:
            broker.start()
            run(sys.argv[1], broker, of_queue(broker), pathlib.Path(folder))
        finally:
            broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
