#!/usr/bin/env python3
"""Calls POST /rpc of a real node as programs of others do: rpc.py <waybill binary>

Python's xmlrpc.client and a client on Node, 32 calls at once; a node that is killed in the middle; the examples of docs/doors.md.
"""

import concurrent.futures
import http.client
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xmlrpc.client

import node
from node import check, wait_until

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 60
AT_ONCE = 32
# Every order is delivered, and no call is refused because the machine is busy.
OPTIONS = ["--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0", "--http-target-latency=0ms"]


class Shop(node.Restartable):
    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def place(self, count, payment):
        product = self.ask("POST", "/v1/products", {"sku": f"tea-{time.monotonic_ns()}", "name": "Tea", "on_hand": 10 * count,
                                                    "price": {"amount": 475, "currency": "EUR"}})["id"]
        body = {"lines": [{"product_id": product, "quantity": 2}], "payment": payment,
                "delivery": {"name": "Ada", "address": "1 Main Street"}}
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            return [order["id"] for order in pool.map(lambda _: self.ask("POST", "/v1/orders", body), range(count))]

    def proxy(self, key=None):
        headers = [("Idempotency-Key", key)] if key else []
        return xmlrpc.client.ServerProxy(self.url + "/rpc", headers=headers)

    def events_of(self, order):
        return [event["type"] for event in self.ask("GET", f"/v1/orders/{order}/events?limit=200")["items"]]


def fault_of(call):
    try:
        call()
    except xmlrpc.client.Fault as fault:
        return fault.faultCode
    return None


def check_methods(at):
    proxy = at.proxy()
    names = proxy.system.listMethods()
    check("process_payment" in names and "payment_status" in names, f"listMethods answers {names}")
    check(["struct", "string", "string"] in proxy.system.methodSignature("process_payment"), "the signature is another one")
    check("paid later" in proxy.system.methodHelp("process_payment"), "the help does not say what the method does")
    check(fault_of(lambda: proxy.no_such_method()) == -32601, "a method that does not exist is another fault")
    check(fault_of(lambda: proxy.payment_status("ord_00000000000000000000")) == 4040, "an unknown order is another fault")
    check(fault_of(lambda: proxy.process_payment(7)) == -32602, "a number instead of an id is another fault")


def check_refusals(at):
    bomb = ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' +
            "".join(f'<!ENTITY a{i} "{f"&a{i - 1 if i else str()};" * 10}">' for i in range(9)) +
            "]><methodCall><methodName>&a8;</methodName></methodCall>")
    request = urllib.request.Request(at.url + "/rpc", bomb.encode(), {"Content-Type": "text/xml"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        check(b"-32700" in answer.read(), "an entity bomb is taken")


def check_python(at):
    """32 callers at once pay 32 orders, each of them one order and everybody the last one."""
    orders = at.place(AT_ONCE, {"method": "deferred"})
    last = at.place(1, {"method": "deferred", "token": "tok_ok"})[0]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        paid = list(pool.map(lambda order: at.proxy().process_payment(order, "tok_ok"), orders))
        together = list(pool.map(lambda _: at.proxy().process_payment(last), range(AT_ONCE)))
    check(all(result["paid"] and result["charged"] and result["amount"] == 950 for result in paid),
          f"not all were paid: {paid}")
    check(all(result["paid"] for result in together), f"not everybody hears that it is paid: {together}")
    check(sum(result["charged"] for result in together) == 1, "an order was charged by more than one call")
    for order in [*orders, last]:
        check(at.events_of(order).count("order.payment_provided") == 1, f"{order} was paid more than once")
    declined = at.place(1, {"method": "deferred"})[0]
    check(at.proxy().process_payment(declined, "tok_declined")["outcome"] == "declined", "a declined card is told otherwise")
    check(at.proxy().process_payment(declined, "tok_ok")["outcome"] == "declined", "a refused order was paid")


def check_node(at):
    orders = at.place(AT_ONCE, {"method": "deferred"})
    done = subprocess.run([shutil.which("node") or shutil.which("nodejs"), HERE / "rpc_client.mjs", at.url, "process_payment",
                           json.dumps(orders), "tok_ok"], capture_output=True, text=True, timeout=PATIENCE_S)
    check(done.returncode == 0, done.stderr)
    answers = json.loads(done.stdout)
    for kind in ("single", "batch"):
        check([answer["id"] for answer in answers[kind]] == list(range(AT_ONCE)), f"{kind}: the answers are of other calls")
        results = [answer["result"] for answer in answers[kind]]
        check(all(result["paid"] and result["charged"] for result in results), f"{kind}: {results}")
    for order in orders:
        check(at.events_of(order).count("order.payment_provided") == 1, f"{order} was paid more than once")


def check_kill(at):
    """A caller without an answer, because the node was killed, calls again under the same key, and pays once."""
    orders = at.place(AT_ONCE, {"method": "deferred"})

    def pay(order):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                result = at.proxy("k1").process_payment(order, "tok_ok")
                if result["outcome"] != "pending":
                    return result
            except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError):
                pass
            except xmlrpc.client.Fault as fault:
                check(fault.faultCode == 5030, str(fault))
            time.sleep(0.05)
        sys.exit(f"{order} was never paid")

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        paying = [pool.submit(pay, order) for order in orders]
        wait_until(lambda: any(future.done() for future in paying), "nothing was paid before the node is killed")
        at.kill()
        at.start()
        results = [future.result() for future in paying]
    check(all(result["paid"] and result["charged"] for result in results), f"not all were paid: {results}")
    for order in orders:
        wait_until(lambda: at.ask("GET", f"/v1/orders/{order}")["status"] == "completed", f"{order} does not complete")
        events = at.events_of(order)
        check(events.count("order.payment_provided") == 1 and events.count("order.payment_captured") == 1,
              f"{order} has the events {events}")


def check_examples(at):
    """The blocks of `python` and `js` about RPC in docs/doors.md run as they stand there; what they print stands behind them."""
    text = (HERE.parents[1] / "docs" / "doors.md").read_text().partition("\n## RPC\n")[2]
    blocks = re.findall(r"^```(python|js)\n(.*?)^```\n+```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    check({kind for kind, _, _ in blocks} == {"python", "js"}, "docs/doors.md has no examples")
    for kind, code, printed in blocks:
        order = at.place(1, {"method": "deferred"})[0]
        code = code.replace("http://127.0.0.1:4000", at.url).replace("ord_06gz71vs9crkcyttdaw5", order)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / ("example.py" if kind == "python" else "example.mjs")
            file.write_text(code)
            runner = sys.executable if kind == "python" else shutil.which("node") or shutil.which("nodejs")
            done = subprocess.run([runner, file], capture_output=True, text=True, timeout=PATIENCE_S)
        check(done.stdout == printed, f"the example in {kind} prints '{done.stdout}' ({done.stderr})")


def main():
    with tempfile.TemporaryDirectory() as folder:
        at = Shop(sys.argv[1], pathlib.Path(folder) / "node", *OPTIONS)
        at.start()
        try:
            for part in (check_methods, check_refusals, check_python, check_node, check_kill, check_examples):
                part(at)
                print(part.__name__, "holds")
        finally:
            at.stop()


if __name__ == "__main__":
    main()
