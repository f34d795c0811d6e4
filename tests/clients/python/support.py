"""What the tests share: a real node, people on it, and a server that answers as a test says."""
import contextlib
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "clients" / "python"
sys.path[:0] = [str(LIBRARY), str(ROOT / "tests" / "contract")]

import node  # noqa: E402
from waybill import Waybill  # noqa: E402

BINARY = os.environ["WAYBILL_TEST_BINARY"]
PATIENCE_S = 90
ADMIN = ("admin@example.com", "correct horse battery")
PASSWORD = "tea at four o clock"
# Everybody must sign in; whatever is brought arrives; no request is refused because the machine is busy.
OPTIONS = ["--auth=required", f"--admin-email={ADMIN[0]}", f"--admin-password={ADMIN[1]}", "--password-passes=1",
           "--password-memory=1048576", "--http-rate-auth=off", "--http-target-latency=0ms", "--courier-decline-percent=0",
           "--courier-abort-percent=0", "--courier-vanish-percent=0"]


def wait_until(holds, claim):
    end = time.monotonic() + PATIENCE_S
    while not (got := holds()):
        if time.monotonic() > end:
            raise AssertionError(claim)
        time.sleep(0.05)
    return got


class Shop:
    """A node, and its admin."""

    def __init__(self, *options):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.node = node.Restartable(BINARY, self.folder / "node", *OPTIONS, *options)
        self.node.start()
        self.url = self.node.url
        self.admin = Waybill(self.url, patience=PATIENCE_S)
        self.admin.sign_in(*ADMIN)

    def close(self):
        self.admin.close()
        self.node.stop()
        self._folder.cleanup()

    def product(self, on_hand=1000):
        return self.admin.products.create(f"tea-{time.monotonic_ns()}", "Tea", {"amount": 475, "currency": "EUR"}, on_hand)

    def operator_key(self):
        return self.admin.service_keys.create("tests", ["operator"])["token"]

    def customer(self, **options):
        """A client of somebody who is new."""
        client = Waybill(self.url, patience=PATIENCE_S, **options)
        client.register(f"c{time.monotonic_ns()}@example.com", PASSWORD, "Ada")
        return client


def order_of(product, token="tok_ok"):
    payment = {"method": "card", "token": token} if token else {"method": "deferred"}
    return {"lines": [{"product_id": product["id"], "quantity": 2}], "payment": payment,
            "delivery": {"name": "Ada", "address": "1 Main Street"}}


class Program:
    """An example that runs; what it prints is kept by lines."""

    def __init__(self, file, **variables):
        environment = {**os.environ, "PYTHONPATH": str(LIBRARY), **variables}
        self.process = subprocess.Popen([sys.executable, "-B", LIBRARY / "examples" / file], env=environment, text=True,
                                        stdout=subprocess.PIPE)
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, begin, count=1):
        """The lines that begin so, when there are as many."""
        def found():
            lines = [line for line in self.lines if line.startswith(begin)]
            return lines if len(lines) >= count else None
        return wait_until(found, f"'{begin}' is not printed {count} times, but {self.lines}")

    def end(self, kill=False):
        (self.process.kill if kill else self.process.terminate)()
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        self.process.stdout.close()
        return code


@contextlib.contextmanager
def running(file, **variables):
    program = Program(file, **variables)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.end(kill=True)


class Scripted:
    """A server that keeps each request and answers with the next answer: (status, headers, body), bytes as they are, after which it
    closes the connection, or None, which closes it without a word."""

    def __init__(self, *answers):
        self.answers = queue.Queue()
        for answer in answers:
            self.answers.put(answer)
        self.requests = []
        script = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.requests.append((self.command, self.path, dict(self.headers), body))
                answer = script.answers.get(timeout=PATIENCE_S)
                if answer is None or isinstance(answer, bytes):
                    self.close_connection = True
                    self.wfile.write(answer or b"")
                    return
                status, headers, content = answer
                octets = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(octets))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(octets)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_one

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def header(self, name):
        """What each request had in a header."""
        return [headers.get(name) for _, _, headers, _ in self.requests]


def problem(status, code, **headers):
    body = {"type": f"urn:waybill:problem:{code}", "title": "t", "status": status, "detail": "the detail", "instance": "/", "code": code,
            "request_id": "req_1"}
    return status, {"Content-Type": "application/problem+json", **headers}, body


def session(number, expires_in=900):
    return 200, {}, {"user": {"id": "usr_1"}, "access_token": f"access{number}", "refresh_token": f"refresh{number}", "token_type": "Bearer",
                     "expires_in": expires_in, "refresh_expires_at": "2036-01-01T00:00:00Z"}


def stream_of(*messages):
    """An event stream that ends behind these messages."""
    text = "retry: 1000\n\n: alive\n\n" + "".join(messages)
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + text.encode()


def message_of(position):
    return f"id: {position}\ndata: {json.dumps({'position': position, 'type': 'order.placed'})}\n\n"
