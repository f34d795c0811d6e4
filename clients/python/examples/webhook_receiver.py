#!/usr/bin/env python3
"""Receives a webhook's messages, and keeps the last status of each order in SQLite.

WEBHOOK_SECRET: what POST /v1/webhook-endpoints gave; DATABASE: the file; PORT: 8080 without. A message is answered with 204 when
it is stored, once, however often it comes; with 400 when it is not from the node. In front of it belongs a server that ends TLS.
"""
import http.server
import os
import sqlite3
import threading

from waybill import BadSignature
from waybill.webhooks import Message, verify

LARGEST = 1024 * 1024


class Store:
    def __init__(self, file: str) -> None:
        self.lock = threading.Lock()
        self.database = sqlite3.connect(file, check_same_thread=False)
        self.database.execute("create table if not exists seen(id text primary key)")
        self.database.execute("create table if not exists orders(id text primary key, version integer, type text)")

    def take(self, message: Message) -> bool:
        """False when it was taken before. One transaction: the message is seen if, and only if, its work is done."""
        with self.lock, self.database:
            if self.database.execute("insert or ignore into seen values(?)", (message.id,)).rowcount == 0:
                return False
            if message.type.startswith("order."):
                event = message.data
                # Messages come in any order: an older one changes nothing.
                self.database.execute(
                    "insert into orders values(?, ?, ?) on conflict(id) do update set version = excluded.version, type = excluded.type"
                    " where excluded.version > version", (event["stream"], event["version"], event["type"]))
        return True


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    store: Store
    secret: str

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.close_connection = True
            self.answer(413)
            return
        body = self.rfile.read(int(length))
        try:
            message = verify(self.secret, dict(self.headers), body)
        except BadSignature as refused:
            print(f"refused: {refused}", flush=True)
            self.answer(400)
            return
        is_new = self.store.take(message)
        print(f"{message.type} {message.id}{'' if is_new else ' again'}", flush=True)
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    Receiver.store = Store(os.environ["DATABASE"])
    Receiver.secret = os.environ["WEBHOOK_SECRET"]
    # A thread for each connection: the node keeps several open.
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver)
    print(f"receives on http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
