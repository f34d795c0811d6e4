#!/usr/bin/env python3
"""Receives the messages of a node's webhooks, and holds them against `webhooks` of the OpenAPI document: webhooks.py <waybill
binary>"""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import queue
import sys
import tempfile
import threading
import urllib.error
import urllib.request

import documents
import node
from node import check, wait_until

PATIENCE_S = 60


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps each request, and answers with the next of `answers`, or with a success whose body is not JSON."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.put((self.headers, body))
        self.send_response(self.server.answers.get_nowait() if not self.server.answers.empty() else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"\xff{]\n")

    def log_message(self, *_):
        pass


def ask(method, url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def page_of(url):
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return answer.read().decode()


def is_signed(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")


def differences(contract, name, headers, body):
    """The differences between the message and the document."""
    sent = contract.http.tree["webhooks"][name]["post"]
    for parameter in map(contract.http.follow, sent["parameters"]):
        for error in contract.http.errors(parameter["schema"], headers.get(parameter["name"])):
            yield f"the header {parameter['name']}: {error}"
    kind = headers.get("Content-Type")
    if kind not in sent["requestBody"]["content"]:
        yield f"a body of type {kind}"
        return
    message = json.loads(body)
    yield from contract.http.errors(sent["requestBody"]["content"][kind]["schema"], message)
    if name == "event":
        yield from contract.check_event(message["data"])


def receive(contract, server, secret, name):
    headers, body = server.came.get(timeout=PATIENCE_S)
    wrong = list(differences(contract, name, headers, body))
    check(not wrong, f"the message '{name}' is not as documented: {wrong} in {body.decode()}")
    check(is_signed(secret, headers, body), f"the signature of the message '{name}' does not hold")
    return headers["webhook-id"], json.loads(body)


def run(url, server):
    contract = documents.Contract()
    target = f"http://127.0.0.1:{server.server_address[1]}/hook"
    endpoint = ask("POST", url + "/v1/webhook-endpoints", {"url": target, "types": ["product.*"]})
    place = f"{url}/v1/webhook-endpoints/{endpoint['id']}"
    secret = endpoint["secret"]

    server.answers.put(418)
    answer = ask("POST", place + "/test")
    check(answer["status"] == 418 and not answer["delivered"], f"the test's answer is not shown: {answer}")
    receive(contract, server, secret, "test")

    # The first answer is no success: the message comes again, under the same id.
    server.answers.put(500)
    ask("POST", url + "/v1/products", {"sku": "tea", "name": "Tea", "price": {"amount": 1234, "currency": "KWD"}, "on_hand": 1})
    first, message = receive(contract, server, secret, "event")
    check(message["type"] == message["data"]["type"] == "product.created", f"another event: {message}")
    again, _ = receive(contract, server, secret, "event")
    check(first == again, "the message came again under another id")
    wait_until(lambda: [delivery["status"] for delivery in ask("GET", place + "/deliveries")["items"]] == ["delivered"],
               "a 2xx whose body is not JSON is no delivery")

    server.answers.put(410)
    ask("POST", url + "/v1/products", {"sku": "cup", "name": "Cup", "price": {"amount": 1234, "currency": "JPY"}, "on_hand": 1})
    receive(contract, server, secret, "event")
    wait_until(lambda: ask("GET", place)["disabled_reason"] == "gone", "410 does not disable the endpoint")
    alarm = f'waybill_webhook_failing{{endpoint="{endpoint["id"]}"}} 1'
    wait_until(lambda: alarm in page_of(url + "/metrics"), "the metric does not tell that the endpoint is disabled")
    told = [event["type"] for event in ask("GET", url + "/v1/events?after=earliest&type=webhook.disabled")["items"]]
    check(told == ["webhook.disabled"], f"the log does not tell that the endpoint is disabled: {told}")


def refuse_private(url):
    for host in ("10.0.0.1", "127.1", "[::1]", "localhost", "db.internal", "intranet"):
        try:
            ask("POST", url + "/v1/webhook-endpoints", {"url": f"https://{host}/hook", "types": ["order.*"]})
            sys.exit(f"an endpoint at {host} is made")
        except urllib.error.HTTPError as refused:
            check(refused.code == 422, f"an endpoint at {host} is answered {refused.code}")


def main():
    binary = sys.argv[1]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.came = queue.Queue()
    server.answers = queue.Queue()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        with node.started(binary, pathlib.Path(folder) / "node", "--webhook-targets=any", "--webhook-retry-schedule=10ms,10ms") as url:
            run(url, server)
        with node.started(binary, pathlib.Path(folder) / "public") as url:
            refuse_private(url)
    print("the messages of webhooks are as documented")


if __name__ == "__main__":
    main()
