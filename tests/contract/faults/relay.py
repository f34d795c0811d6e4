"""A TCP relay on loopback that can be made slow or cut."""

import socket
import threading
import time


class Relay:
    """Forwards connections to `target`. `delay_s` is added to each direction; while `cut` nothing passes, and nobody is told:
    as if the cable were out."""

    def __init__(self, port, target):
        self.target, self.delay_s, self.cut = target, 0.0, False
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            caller, _ = self.listener.accept()
            threading.Thread(target=self.connect, args=(caller,), daemon=True).start()

    def connect(self, caller):
        while self.cut:
            time.sleep(0.05)
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            caller.close()
            return
        for side in (caller, server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, sink in ((caller, server), (server, caller)):
            threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()

    def pump(self, source, sink):
        try:
            while octets := source.recv(1 << 16):
                if self.delay_s:
                    time.sleep(self.delay_s)
                while self.cut:
                    time.sleep(0.05)
                sink.sendall(octets)
        except OSError:
            pass
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Silence:
    """A server that takes connections and, until it `answers`, says nothing."""

    def __init__(self, port):
        self.answers = False
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.taken = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            self.taken.append(connection)
            if self.answers:
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    @staticmethod
    def answer(connection):
        try:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            connection.close()
        except OSError:
            pass
