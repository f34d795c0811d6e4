"""Brokers that are reached by TLS only, with certificates of an authority of the test. Each is reached under one name, `url`, for which its
certificate is, and under another, `other_url`, for which it is not."""

import subprocess
import ssl

import pika
import redis

import brokers
import kafka_server
import taken


class Certificates:
    """Files: `ca` is the authority of all certificates, `other_ca` of none."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.ca, self.other_ca = self.authority("ca"), self.authority("other-ca")
        self.context = ssl.create_default_context(cafile=self.ca)

    def run(self, *command):
        subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=self.folder)

    def authority(self, name):
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                 "-keyout", f"{name}.key", "-out", f"{name}.pem")
        return f"{self.folder}/{name}.pem"

    def make(self, name, subject):
        """The files of a certificate and its key; `subject` as in DNS:localhost."""
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                 "-out", f"{name}.csr")
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={subject}")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-extfile", f"{name}.ext", "-out",
                 f"{name}.pem")
        return f"{self.folder}/{name}.pem", f"{self.folder}/{name}.key"


class RabbitMQ(brokers.RabbitMQ):
    """Its certificate is for an address."""

    wrong_password = "ACCESS_REFUSED"

    def __init__(self, folder, certificates):
        super().__init__(folder)
        self.certificates, self.user = certificates, brokers.USER
        certificate, key = certificates.make("rabbitmq", "IP:127.0.0.1")
        self.url, self.other_url = f"amqps://127.0.0.1:{self.port}", f"amqps://localhost:{self.port}"
        self.consumer_url = f"amqps://{brokers.USER}:{brokers.PASSWORD}@127.0.0.1:{self.port}"
        with open(folder / "rabbitmq.conf", "a", encoding="ascii") as conf:
            conf.write(f"listeners.tcp = none\nlisteners.ssl.default = 127.0.0.1:{self.port}\nssl_options.cacertfile = {certificates.ca}\n"
                       f"ssl_options.certfile = {certificate}\nssl_options.keyfile = {key}\nssl_options.verify = verify_none\n"
                       "ssl_options.fail_if_no_peer_cert = false\n")

    def environment(self):
        in_the_clear = ("RABBITMQ_NODE_IP_ADDRESS", "RABBITMQ_NODE_PORT")
        return {name: value for name, value in super().environment().items() if name not in in_the_clear}

    def connection(self):
        return pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", self.port, credentials=pika.PlainCredentials(brokers.USER, brokers.PASSWORD),
            ssl_options=pika.SSLOptions(self.certificates.context, "127.0.0.1")))

    def has(self, destination):
        """Whether anything has come there: an exchange is declared first."""
        connection = self.connection()
        try:
            connection.channel().exchange_declare(destination, passive=True)
            return True
        except pika.exceptions.ChannelClosedByBroker:
            return False
        finally:
            connection.close()

    def make_queue(self):
        return taken.RabbitQueue(self)


class Redis(brokers.Redis):
    """Its certificate is for a name, and it has a password without a user."""

    wrong_password = "WRONGPASS"

    def __init__(self, folder, certificates):
        super().__init__(folder)
        self.certificates, self.user = certificates, ""
        self.certificate, self.key = certificates.make("redis", "DNS:localhost")
        self.url, self.other_url = f"rediss://localhost:{self.port}/1", f"rediss://127.0.0.1:{self.port}/1"
        self.consumer_url = f"rediss://:{brokers.PASSWORD}@localhost:{self.port}/1"

    def command(self):
        return ["redis-server", "--bind", "127.0.0.1", "--port", "0", "--tls-port", str(self.port), "--tls-cert-file", self.certificate,
                "--tls-key-file", self.key, "--tls-ca-cert-file", self.certificates.ca, "--tls-auth-clients", "no", "--dir",
                str(self.folder), "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--requirepass", brokers.PASSWORD]

    def client(self):
        return redis.Redis("localhost", self.port, db=1, password=brokers.PASSWORD, decode_responses=True, ssl=True,
                           ssl_ca_certs=self.certificates.ca)

    def has(self, destination):
        return bool(self.client().exists(destination))

    def make_queue(self):
        return taken.RedisQueue(self)


class Kafka:
    """Not a broker, but what a producer sees of one (kafka_server.py): by TLS with PLAIN, as the certificate is for a name, or in the clear
    with SCRAM."""

    name = "kafka"
    destination = "waybill.events"
    wrong_password = "uthentication failed"

    def __init__(self, folder, certificates, is_secure=True):
        self.user, self.server = brokers.USER, None
        self.files = certificates.make("kafka", "DNS:localhost") if is_secure else ()

    def start(self):
        self.server = kafka_server.KafkaServer(self.user, brokers.PASSWORD, "PLAIN" if self.files else "SCRAM-SHA-512", *self.files)
        scheme = "kafkas" if self.files else "kafka"
        self.url = f"{scheme}://localhost:{self.server.port}"
        self.other_url = f"kafkas://127.0.0.1:{self.server.port}" if self.files else None

    def prepare(self):
        """Nothing: a topic is made with its first record."""

    def read(self):
        return self.server.read(self.destination)

    def has(self, destination):
        return self.server.has(destination)

    def make_queue(self):
        return None

    def close(self):
        if self.server:
            self.server.close()
