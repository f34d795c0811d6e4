#!/usr/bin/env python3
"""Functions that act by themselves, over HTTP: triggers.py <waybill binary>

A function is called for each delivered order while the node is killed in the middle: each order has one notification of it, no more. An event
that it fails on is skipped and shown. A guard refuses an order, notes something about another, fails open and closed.
"""

import concurrent.futures
import functools
import http.client
import json
import pathlib
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import node
from node import check

PATIENCE_S = 120
ORDERS = 100
# Every order is delivered, also by another courier when the first one was lost with its node.
OPTIONS = ["--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0", "--courier-shortest-delay=1ms",
           "--courier-longest-delay=50ms", "--delivery-answer-within=1s", "--delivery-start-within=2s", "--delivery-finish-within=5s",
           "--delivery-max-attempts=100", "--http-target-latency=0ms", "--http-rate-writes=off", "--http-rate-reads=off",
           "--function-guard-timeout=30s", "--function-timeout=30s"]
THANKS = "return {notification = {text = 'Thank you for ' .. input.order_id}}"
wait_until = functools.partial(node.wait_until, patience_s=PATIENCE_S, every_s=0.1)


class Client:
    def __init__(self, url):
        self.url = url

    def ask(self, method, path, body=None, headers=None):
        """The status and the JSON of the answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def put(self, name, source, **more):
        status, answer = self.ask("PUT", f"/v1/functions/{name}", {"source": source, **more})
        check(status in (200, 201), f"{name} is not registered: {status} {answer}")
        return answer

    def all_of(self, path):
        """The items of all pages of a list."""
        items, cursor = [], ""
        while True:
            page = self.ask("GET", f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")[1]
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = "&cursor=" + page["next_cursor"]

    def events(self, kind):
        found, after = [], "earliest"
        while True:
            page = self.ask("GET", f"/v1/events?after={after}&type={kind}&limit=100")[1]
            if not page["items"]:
                return found
            found += page["items"]
            after = page["items"][-1]["position"]

    def product(self, sku, amount=499):
        return self.ask("POST", "/v1/products", {"sku": sku, "name": "Tea", "price": {"amount": amount, "currency": "EUR"},
                                                 "on_hand": 100_000})[1]["id"]

    def order(self, product, quantity=1, key=None):
        body = {"lines": [{"product_id": product, "quantity": quantity}], "payment": {"method": "card", "token": "tok_ok"},
                "delivery": {"name": "Ada", "address": "Main Street 1 [couriers: complete]"}}
        return self.ask("POST", "/v1/orders", body, {"Idempotency-Key": key} if key else {})


def order_surely(client, product, key, placed):
    """Until it is accepted, whatever becomes of the node meanwhile."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            status, answer = client.order(product, key=key)
            if status == 201:
                placed.release()
                return answer["id"]
            check(status == 503, f"an order is answered {status}: {answer}")
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    sys.exit("an order was never accepted")


def check_told_once(client, process):
    client.put("thanks", THANKS, triggers=["order.delivered"])
    product = client.product("tea")
    placed = threading.Semaphore(0)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        orders = [pool.submit(order_surely, client, product, f"order-{i}", placed) for i in range(ORDERS)]
        for _ in range(ORDERS // 3):
            placed.acquire()
        process.kill()
        process.start()
        for _ in range(ORDERS // 3):
            placed.acquire()
        process.kill()
        process.start()
        ids = {future.result() for future in orders}
    check(len(ids) == ORDERS, f"{len(ids)} orders were made")

    def thanked():
        texts = [each["text"] for each in client.all_of("/v1/notifications") if each["text"].startswith("Thank you for ")]
        return sorted(text.removeprefix("Thank you for ") for text in texts)

    # In the middle of the notifications, too.
    wait_until(lambda: len(thanked()) >= ORDERS // 4, "nobody was thanked")
    process.kill()
    process.start()
    wait_until(lambda: len(client.events("order.delivered")) >= ORDERS, "not all orders were delivered")
    wait_until(lambda: len(thanked()) >= ORDERS, "not all customers were thanked")
    time.sleep(2)
    check(thanked() == sorted(ids), f"somebody was not thanked once: {thanked()} for {sorted(ids)}")
    shown = client.ask("GET", "/v1/functions/thanks")[1]
    progress = shown["progress"]
    check(shown["triggers"] == ["order.delivered"] and progress["notifications"] == ORDERS, f"{shown}")
    check(progress["skipped"] == 0 and progress["last_error"] is None, f"{shown}")


def check_skipped(client):
    """A function that fails on one order in two does not stand still."""
    client.put("picky", "if input.event.data.note == 'poison' then\n  error('I do not take this')\nend\n"
               "return {notification = {text = 'Seen ' .. input.order_id}}", triggers=["order.placed"])
    product = client.product("cup")
    body = {"lines": [{"product_id": product, "quantity": 1}], "payment": {"method": "card", "token": "tok_ok"},
            "delivery": {"name": "Ada", "address": "Main Street 1 [couriers: complete]"}}
    poisoned = client.ask("POST", "/v1/orders", {**body, "note": "poison"})[1]["id"]
    good = client.ask("POST", "/v1/orders", body)[1]["id"]
    wait_until(lambda: any(each["text"] == f"Seen {good}" for each in client.all_of("/v1/notifications")), "the good order is not seen")
    wait_until(lambda: client.ask("GET", "/v1/functions/picky")[1]["progress"]["skipped"] == 1, "the poison is not skipped")
    error = client.ask("GET", "/v1/functions/picky")[1]["progress"]["last_error"]
    check(error["event_id"] == f"evt_{poisoned}.1" and error["line"] == 2 and error["attempts"] == 3, f"{error}")
    told = client.events("function.event_skipped")
    check([each["data"]["event"] for each in told] == [f"evt_{poisoned}.1"], f"{told}")
    with urllib.request.urlopen(client.url + "/metrics", timeout=PATIENCE_S) as metrics:
        text = metrics.read().decode()
    check('waybill_function_events_total{function="picky",outcome="skipped"} 1' in text, "no metric tells of it")
    check(client.ask("DELETE", "/v1/functions/picky")[0] == 204, "it is not removed")


def check_guards(client):
    product = client.product("pot")
    limit = ("if input.order.lines[1].quantity > 5 then\n  return {refuse = 'At most five, please.'}\nend\n"
             "return {metadata = {pots = tostring(input.order.lines[1].quantity)}}")
    client.put("limit", limit, guard={"on_failure": "refuse"})
    status, refused = client.order(product, 6)
    check(status == 422 and refused["code"] == "order_refused" and refused["detail"] == "At most five, please."
          and refused["function"] == "limit", f"{status} {refused}")
    status, first = client.order(product, 5, key="five")
    check(status == 201 and first["metadata"] == {"pots": "5"}, f"{status} {first}")
    shown = client.ask("GET", f"/v1/orders/{first['id']}")[1]
    check(shown["metadata"] == {"pots": "5"} and shown["total"] == {"amount": 2495, "currency": "EUR"}, f"{shown}")

    # What was accepted stays so, and what was refused is judged anew.
    client.put("limit", "return {refuse = 'Closed.'}", guard={"on_failure": "refuse"})
    check(client.order(product, 5, key="five") == (201, first), "a repeated request got another answer")
    check(client.order(product, 1, key="one")[1]["detail"] == "Closed.", "a new request is not refused")
    check(client.order(product, 1, key="one")[1]["detail"] == "Closed.", "a repeated request is not refused")
    client.put("limit", "return nil", guard={"on_failure": "refuse"})
    check(client.order(product, 1, key="one")[0] == 201, "the order is refused for ever")

    client.put("limit", "while true do end", guard={"on_failure": "refuse"})
    status, refused = client.order(product)
    check(status == 422 and refused["function"] == "limit", f"a guard that fails lets orders pass: {status} {refused}")
    client.put("limit", "while true do end", guard={"on_failure": "allow"})
    check(client.order(product)[0] == 201, "a guard that fails refuses orders")
    check(client.ask("POST", "/v1/functions/limit/rollback", {"version": 2})[0] == 200, "no roll-back")
    check(client.order(product)[1]["detail"] == "Closed.", "the guard was not rolled back")
    check(client.ask("DELETE", "/v1/functions/limit")[0] == 204 and client.order(product)[0] == 201, "a guard that is gone refuses orders")


def main():
    with tempfile.TemporaryDirectory() as folder:
        process = node.Restartable(sys.argv[1], pathlib.Path(folder) / "node", *OPTIONS)
        process.start()
        client = Client(process.url)
        try:
            check_told_once(client, process)
            print("check_told_once holds")
            for part in (check_skipped, check_guards):
                part(client)
                print(part.__name__, "holds")
        finally:
            process.kill()


if __name__ == "__main__":
    main()
