"""A server that speaks as much of the protocol of Kafka as a producer of librdkafka 2.0 needs, for tests of TLS and SASL. It is no broker:
it keeps records in memory, in one partition a topic, and checks neither checksums nor sequence numbers. Debian has no broker of Kafka, and
the one that librdkafka brings for tests knows neither TLS nor SASL.

The protocol: https://kafka.apache.org/protocol; SCRAM: RFC 5802 and 7677.
"""

import base64
import hashlib
import hmac
import json
import os
import socketserver
import ssl
import struct
import threading

# (lowest, highest version) as they are told to clients, which conclude from them what a broker can do; so Fetch is named, too. Answered is
# the highest, which librdkafka asks for.
PRODUCE, FETCH, METADATA, SASL_HANDSHAKE, API_VERSIONS, INIT_PRODUCER_ID, SASL_AUTHENTICATE = 0, 1, 3, 17, 18, 22, 36
VERSIONS = {PRODUCE: (0, 7), FETCH: (0, 4), METADATA: (0, 4), SASL_HANDSHAKE: (0, 1), API_VERSIONS: (0, 3), INIT_PRODUCER_ID: (0, 1),
            SASL_AUTHENTICATE: (0, 0)}
UNSUPPORTED_MECHANISM, AUTHENTICATION_FAILED = 33, 58
NODE = 1
ITERATIONS = 4096


class Reader:
    """Of what a client sends; also of a batch of records."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def take(self, count):
        self.at += count
        return self.octets[self.at - count:self.at]

    def number(self, kind):
        return struct.unpack(">" + kind, self.take(struct.calcsize(kind)))[0]

    def text(self):
        size = self.number("h")
        return None if size < 0 else self.take(size).decode()

    def data(self):
        return self.take(self.number("i"))

    def array(self, read):
        return [read() for _ in range(self.number("i"))]

    def varint(self):
        """Zigzag, as records have it."""
        value = shift = 0
        while True:
            octet = self.take(1)[0]
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return (value >> 1) ^ -(value & 1)

    def short_data(self):
        size = self.varint()
        return None if size < 0 else self.take(size)


def number(kind, value):
    return struct.pack(">" + kind, value)


def text(value):
    return number("h", -1) if value is None else number("h", len(value.encode())) + value.encode()


def array(parts):
    return number("i", len(parts)) + b"".join(parts)


def records_of(octets):
    """(key, value, headers) of each record of the batches, of format 2 without compression."""
    batches, records = Reader(octets), []
    while batches.at < len(octets):
        batches.number("q")
        batch = Reader(batches.data())
        _, magic, _, attributes = batch.number("i"), batch.number("b"), batch.number("I"), batch.number("h")
        if magic != 2 or attributes & 7:
            raise ValueError(f"a batch of format {magic} with the attributes {attributes}")
        batch.take(struct.calcsize(">iqqqhi"))
        for _ in range(batch.number("i")):
            batch.varint()
            batch.take(1)
            batch.varint(), batch.varint()
            key, value = batch.short_data(), batch.short_data()
            headers = {batch.short_data().decode(): batch.short_data() for _ in range(batch.varint())}
            records.append((key.decode(), value, headers))
    return records


def sign_in_plain(server, message):
    _, user, password = message.decode().split("\0")
    if (user, password) != (server.user, server.password):
        return None
    return b""


class Scram:
    """The server's side of SCRAM-SHA-512 on one connection; a call for each message of the client."""

    def __init__(self):
        self.first = self.challenge = None

    def __call__(self, server, message):
        return self.begin(server, message.decode()) if self.first is None else self.end(server, message.decode())

    def begin(self, server, message):
        self.first = message.removeprefix("n,,")
        fields = dict(part.split("=", 1) for part in self.first.split(","))
        if fields["n"] != server.user:
            return None
        nonce = fields["r"] + base64.b64encode(os.urandom(18)).decode()
        self.challenge = f"r={nonce},s={base64.b64encode(server.salt).decode()},i={ITERATIONS}"
        return self.challenge.encode()

    def end(self, server, message):
        def sign(key, of):
            return hmac.digest(key, of.encode(), "sha512")
        bare, proof = message.rsplit(",p=", 1)
        salted = hashlib.pbkdf2_hmac("sha512", server.password.encode(), server.salt, ITERATIONS)
        signed = ",".join((self.first, self.challenge, bare))
        client_key = sign(salted, "Client Key")
        wanted = bytes(a ^ b for a, b in zip(client_key, sign(hashlib.sha512(client_key).digest(), signed)))
        # As Kafka 3.9: librdkafka before 2.6.1 has its nonce before the whole one again, which Kafka 4 refuses (librdkafka#4895).
        if not hmac.compare_digest(wanted, base64.b64decode(proof)) or not bare.endswith(self.challenge[2:].split(",")[0]):
            return None
        return b"v=" + base64.b64encode(sign(sign(salted, "Server Key"), signed))


class Connection(socketserver.BaseRequestHandler):
    def handle(self):
        server, self.signed_in, self.sasl = self.server, None, None
        try:
            self.request.settimeout(120)
            if server.tls:
                self.request = server.tls.wrap_socket(self.request, server_side=True)
            while True:
                size = self.receive(4)
                answer = self.answer(Reader(self.receive(struct.unpack(">i", size)[0])))
                self.request.sendall(number("i", len(answer)) + answer)
        except (OSError, EOFError) as ended:  # An ssl.SSLError is an OSError.
            server.ended.append(str(ended))

    def receive(self, size):
        octets = b""
        while len(octets) < size:
            came = self.request.recv(size - len(octets))
            if not came:
                raise EOFError("the client has closed it")
            octets += came
        return octets

    def answer(self, asked):
        kind, version, correlation = asked.number("h"), asked.number("h"), asked.number("i")
        asked.text()  # The client's name.
        if kind == FETCH or version != VERSIONS.get(kind, (0, -1))[1]:
            raise EOFError(f"version {version} of {kind} is not spoken")
        if not self.signed_in and kind not in (API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE):
            raise EOFError(f"{kind} without signing in")
        return number("i", correlation) + {
            API_VERSIONS: self.versions, SASL_HANDSHAKE: self.handshake, SASL_AUTHENTICATE: self.authenticate, METADATA: self.metadata,
            INIT_PRODUCER_ID: self.producer, PRODUCE: self.produce}[kind](asked)

    def versions(self, _):
        # Compact arrays have their length and one; each struct ends with its tagged fields, of which there are none.
        entries = b"".join(struct.pack(">hhhb", kind, *range_, 0) for kind, range_ in VERSIONS.items())
        return number("h", 0) + number("b", len(VERSIONS) + 1) + entries + number("i", 0) + number("b", 0)

    def handshake(self, asked):
        mechanism = asked.text()
        is_known = mechanism == self.server.mechanism
        self.sasl = (Scram() if mechanism.startswith("SCRAM") else sign_in_plain) if is_known else None
        return number("h", 0 if is_known else UNSUPPORTED_MECHANISM) + array([text(self.server.mechanism)])

    def authenticate(self, asked):
        said = self.sasl(self.server, asked.data())
        if said is None:
            return number("h", AUTHENTICATION_FAILED) + text("Authentication failed: invalid credentials") + number("i", 0)
        self.signed_in = self.server.mechanism == "PLAIN" or said.startswith(b"v=")
        return number("h", 0) + text(None) + number("i", len(said)) + said

    def metadata(self, asked):
        topics = asked.array(asked.text)
        brokers = array([number("i", NODE) + text(self.server.host) + number("i", self.server.port) + text(None)])
        partition = number("h", 0) + number("i", 0) + number("i", NODE) + array([number("i", NODE)]) * 2
        return number("i", 0) + brokers + text("test") + number("i", NODE) \
            + array([number("h", 0) + text(topic) + number("b", 0) + array([partition])
                     for topic in topics])

    def producer(self, _):
        return number("i", 0) + number("h", 0) + number("q", 17) + number("h", 0)

    def produce(self, asked):
        asked.text(), asked.number("h"), asked.number("i")
        answers = []
        for _ in range(asked.number("i")):
            topic, parts = asked.text(), []
            for _ in range(asked.number("i")):
                partition, records = asked.number("i"), records_of(asked.data())
                parts.append(number("i", partition) + number("h", 0) + number("q", self.server.store(topic, records)) + number("q", -1)
                             + number("q", 0))
            answers.append(text(topic) + array(parts))
        return array(answers) + number("i", 0)


class KafkaServer(socketserver.ThreadingTCPServer):
    """Begins at once, on a free loopback port. `mechanism` is PLAIN or SCRAM-SHA-512; `certificate` and `key` are files, without them
    there is no TLS."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, user, password, mechanism, certificate=None, key=None):
        super().__init__(("127.0.0.1", 0), Connection)
        self.host, self.port = "localhost", self.server_address[1]
        self.user, self.password, self.mechanism, self.salt = user, password, mechanism, os.urandom(16)
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate, key)
        self.lock, self.records, self.ended = threading.Lock(), {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def store(self, topic, records):
        """Gives the offset of the first."""
        with self.lock:
            kept = self.records.setdefault(topic, [])
            kept.extend(records)
            return len(kept) - len(records)

    def has(self, topic):
        with self.lock:
            return bool(self.records.get(topic))

    def read(self, topic):
        """All records as (the id of the CloudEvent, the CloudEvent), in order."""
        with self.lock:
            records = list(self.records.get(topic, []))
        events = []
        for key, value, headers in records:
            event = json.loads(value)
            if headers != {"content-type": b"application/cloudevents+json; charset=UTF-8"} or key != event["partitionkey"]:
                raise AssertionError(f"a record is not as documented: {key} {headers} {event}")
            events.append((event["id"], event))
        return events

    def close(self):
        self.shutdown()
        self.server_close()
