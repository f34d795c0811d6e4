"""Real brokers for tests: RabbitMQ and Redis of Debian, each in a folder of its own on loopback ports, which can be killed and started
again on what they have stored; and consumers of them by Python's usual clients."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pika
import redis

PATIENCE_S = 90
RABBITMQ_SERVER = pathlib.Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
USER, PASSWORD = "waybill", "swordfish-17"


def is_installed():
    return RABBITMQ_SERVER.exists() and shutil.which("redis-server") is not None and shutil.which("epmd") is not None


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Process:
    """A broker whose processes are a group of their own. Children give `command`, `environment` and `answers`."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        folder.mkdir()

    def start(self):
        with open(self.folder / "out.log", "ab") as out:
            self.process = subprocess.Popen(self.command(), env={**os.environ, **self.environment()}, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out, start_new_session=True)
        end = time.monotonic() + PATIENCE_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{self.folder.name} does not start:\n{(self.folder / 'out.log').read_text()[-4000:]}")
            time.sleep(0.1)

    def kill(self):
        """By SIGKILL, with all that it has started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()


class Redis(Process):
    name = "redis"
    destination = "waybill:events"
    library = "redis"
    example_url = "redis://waybill:secret@127.0.0.1:6379/0"

    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/1"
        self.consumer_url = f"redis://{USER}:{PASSWORD}@127.0.0.1:{self.port}/1"

    def command(self):
        # What is confirmed is on the disk.
        return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--appendonly", "yes",
                "--appendfsync", "always", "--save", "", "--user", USER, "on", f">{PASSWORD}", "~*", "+@all",
                # Not off: then Redis 7.0 leaves out each transaction of its file when it starts (docs/sinks.md).
                "--user", "default", "on", ">of-nobody-17", "~*", "+@all"]

    def environment(self):
        return {}

    def client(self):
        return redis.Redis("127.0.0.1", self.port, db=1, username=USER, password=PASSWORD, decode_responses=True)

    def answers(self):
        try:
            return self.client().ping()
        except redis.exceptions.RedisError:
            return False

    def prepare(self):
        """Nothing: a stream is made with its first entry."""

    def has_example(self):
        """Whether the consumer of docs/sinks.md has begun."""
        return any(group["name"] == "shipping" for group in self.client().xinfo_groups(self.destination))

    def read(self):
        """All entries of the stream as (the id beside the event, the CloudEvent), in order."""
        return [(fields["id"], json.loads(fields["event"])) for _, fields in self.client().xrange(self.destination)]


class RabbitMQ(Process):
    name = "rabbitmq"
    destination = "waybill.events"
    queue = "erp"
    library = "pika"
    example_url = "amqp://waybill:secret@127.0.0.1:5672"

    def __init__(self, folder):
        super().__init__(folder)
        self.taken = []
        self.port, self.distribution, self.mapper = free_port(), free_port(), free_port()
        self.url = f"amqp://127.0.0.1:{self.port}"
        self.consumer_url = f"amqp://{USER}:{PASSWORD}@127.0.0.1:{self.port}"
        self.names = None
        (folder / "plugins").write_text("[].\n")
        # The first start makes the user.
        (folder / "rabbitmq.conf").write_text(f"default_user = {USER}\ndefault_pass = {PASSWORD}\n")

    def start(self):
        # The mapper of Erlang's names would stay behind if the broker started it.
        if self.names is None:
            self.names = subprocess.Popen(["epmd", "-port", str(self.mapper), "-address", "127.0.0.1"], stdin=subprocess.DEVNULL,
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        super().start()

    def close(self):
        super().close()
        if self.names:
            self.names.kill()
            self.names.wait()

    def command(self):
        return [str(RABBITMQ_SERVER)]

    def environment(self):
        home = str(self.folder)
        return {"HOME": home, "RABBITMQ_NODENAME": f"waybill_{self.port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(self.distribution), "ERL_EPMD_PORT": str(self.mapper),
                "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": f"{home}/mnesia", "RABBITMQ_LOG_BASE": f"{home}/log",
                "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/plugins", "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
                "RABBITMQ_CONF_ENV_FILE": f"{home}/none", "RABBITMQ_PID_FILE": f"{home}/pid"}

    def connection(self):
        return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", self.port, credentials=pika.PlainCredentials(USER, PASSWORD)))

    def answers(self):
        try:
            self.connection().close()
            return True
        except (pika.exceptions.AMQPError, OSError):
            return False

    def prepare(self):
        """A durable queue that is bound before anything is published."""
        connection = self.connection()
        channel = connection.channel()
        channel.exchange_declare(self.destination, "topic", durable=True)
        channel.queue_declare(self.queue, durable=True)
        channel.queue_bind(self.queue, self.destination, "order.*")
        connection.close()

    def has_example(self):
        """Whether the consumer of docs/sinks.md has begun."""
        connection = self.connection()
        try:
            return connection.channel().queue_declare("shipping", passive=True).method.consumer_count > 0
        except pika.exceptions.ChannelClosedByBroker:
            return False
        finally:
            connection.close()

    def read(self):
        """All messages that ever were in the queue as (the message id, the CloudEvent), in order."""
        connection = self.connection()
        channel = connection.channel()
        while True:
            got, properties, body = channel.basic_get(self.queue)
            if got is None:
                connection.close()
                return self.taken
            if properties.delivery_mode != 2 or properties.content_type != "application/cloudevents+json; charset=UTF-8":
                raise AssertionError(f"a message is not as documented: {properties}")
            event = json.loads(body)
            if got.routing_key != event["type"] or properties.type != event["type"]:
                raise AssertionError(f"{got.routing_key} for {event['type']}")
            self.taken.append((properties.message_id, event))
            channel.basic_ack(got.delivery_tag)
