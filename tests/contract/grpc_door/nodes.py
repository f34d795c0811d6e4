"""A node with a gRPC door that can be killed and started again on the same database."""

import functools
import json
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import grpc

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

import node
from node import check

PATIENCE_S = 60
# Every order is delivered, and no call is refused because the machine is busy.
QUIET = ["--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0", "--http-target-latency=0ms"]
wait_until = functools.partial(node.wait_until, every_s=0.02)


class Node:
    def __init__(self, binary, folder, *options):
        self.binary, self.folder, self.options = binary, pathlib.Path(folder), options or QUIET
        self.folder.mkdir()
        self.process, self.url, self.address = None, None, "127.0.0.1:0"

    def start(self, authority=None):
        """`authority`: the PEM file of who signs the certificate of a node that speaks TLS."""
        self.tls = ssl.create_default_context(cafile=authority) if authority else None
        log = self.folder / "node.log"
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [self.binary, "node", "--http=127.0.0.1:0", "--listen=127.0.0.1:0", f"--grpc={self.address}",
                 f"--store=sqlite:{self.folder}/waybill.db", *self.options], stdout=out, stderr=out)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            text = log.read_text()
            http = re.search(r"answers HTTP on (https?://[0-9.:]+)", text)
            door = re.search(r"answers gRPC on ([0-9.:]+)", text)
            if http and door and self._is_ready(http[1]):
                # The same port after a restart, as clients expect it.
                self.url, self.address = http[1], door[1]
                return
            check(self.process.poll() is None, "the node ended:\n" + text)
            time.sleep(0.05)
        raise AssertionError("the node did not get ready:\n" + log.read_text())

    def _is_ready(self, url):
        try:
            with urllib.request.urlopen(url + "/readyz", timeout=PATIENCE_S, context=self.tls) as answer:
                return answer.status == 200
        except urllib.error.URLError:
            return False

    def channel(self):
        return grpc.insecure_channel(self.address)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    def ask(self, method, path, body=None, token=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def events_of(self, order):
        return [one["type"] for one in self.ask("GET", f"/v1/orders/{order}/events?limit=200")["items"]]
