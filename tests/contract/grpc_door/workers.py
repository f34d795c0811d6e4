#!/usr/bin/env python3
"""Workers that take deliveries from the queue over gRPC, and one that vanishes: workers.py <waybill binary> <source folder>"""

import os
import pathlib
import queue
import re
import subprocess
import sys
import tempfile
import threading

import grpc

import nodes
import stubs
from nodes import check, wait_until

CODE = grpc.StatusCode
ORDERS = 12
# Short times: a job that a worker does not start goes to another one.
OPTIONS = ["--courier-pool=real", "--delivery-answer-within=1s", "--delivery-start-within=1s", "--delivery-finish-within=60s",
           "--http-target-latency=0ms"]


class Worker:
    """One stream of DeliveryService.Work. What it is told comes out of `told`, in order."""

    def __init__(self, at, courier, jobs=None, does=lambda worker, job: None):
        from shop import Shop
        from waybill.v1 import delivery_service_pb2 as pb
        self.pb, self.courier, self.does, self.refusal = pb, courier, does, None
        self.says, self.told, self.lost, self.outcomes = queue.Queue(), [], [], []
        self.channel = at.channel()
        self.says.put(pb.WorkRequest(start=pb.WorkRequest.Start(courier_id=courier, jobs=jobs)))
        self.stream = Shop(self.channel).deliveries.Work(iter(self.says.get, None))
        self.is_ready = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        from shop import Refusal
        try:
            for message in self.stream:
                self.told.append(message)
                kind = message.WhichOneof("tell")
                if kind == "ready":
                    self.is_ready.set()
                elif kind == "job":
                    self.does(self, message.job.delivery)
                elif kind == "lost":
                    self.lost.append(message.lost.delivery_id)
                else:
                    self.outcomes.append(message.outcome)
        except grpc.RpcError as error:
            self.refusal = Refusal(error)

    def report(self, job, action, **more):
        self.says.put(self.pb.WorkRequest(report=self.pb.WorkRequest.Report(
            delivery_id=job.id, action=getattr(self.pb.WorkRequest, f"ACTION_{action}"), attempt=job.attempt, **more)))

    def leave(self):
        """Takes no more: the stream ends in order."""
        self.says.put(None)
        self.thread.join(nodes.PATIENCE_S)
        check(not self.thread.is_alive() and self.refusal is None, f"the stream does not end in order: {self.refusal}")
        self.channel.close()

    def vanish(self):
        """As a worker whose machine was switched off."""
        self.channel.close()
        self.says.put(None)
        self.thread.join(nodes.PATIENCE_S)


def finish(worker, job):
    """Does all of a job, or what is left of it."""
    for action in ("ACCEPT", "START", "COMPLETE"):
        worker.report(job, action)


def courier(at, name):
    return at.ask("POST", "/v1/couriers", {"name": name, "capacity": 1})["id"]


def is_online(at, who):
    return at.ask("GET", f"/v1/couriers/{who}")["online"]


def check_competition(at, shop, product):
    """Two workers share the orders; each is delivered once."""
    workers = [Worker(at, courier(at, name), jobs=3, does=finish) for name in ("Ann", "Bert")]
    for worker in workers:
        wait_until(worker.is_ready.is_set, f"a worker is not ready: {worker.refusal}")
        check(worker.told[0].ready.courier.capacity == 3 and worker.told[0].ready.courier.online, f"{worker.told[0]}")
    orders = [shop.place(product).order.id for _ in range(ORDERS)]
    for order in orders:
        wait_until(lambda order=order: at.ask("GET", f"/v1/orders/{order}")["status"] == "completed", f"{order} was not delivered")
        check(at.events_of(order).count("delivery.completed") == 1, f"{order} was delivered twice")
    for worker in workers:
        worker.leave()
        wait_until(lambda worker=worker: not is_online(at, worker.courier), "a worker has left, and is still online")
    outcomes = [one for worker in workers for one in worker.outcomes]
    check(sum(one.delivery.status == workers[0].pb.DELIVERY_STATUS_COMPLETED for one in outcomes) == ORDERS,
          "not every delivery was reported as completed")


def check_lost_stream(at, shop, product):
    """The jobs of a worker that vanished go to another one when their time is over, and are done once."""
    taken = queue.Queue()
    lost = Worker(at, courier(at, "Carl"), does=lambda worker, job: (worker.report(job, "ACCEPT"), taken.put(job)))
    wait_until(lost.is_ready.is_set, "the worker is not ready")
    order = shop.place(product).order.id
    job = taken.get(timeout=nodes.PATIENCE_S)
    wait_until(lambda: lost.outcomes, "the offer was not taken")
    check(not lost.outcomes[0].HasField("error"), f"the offer was refused: {lost.outcomes[0].error}")
    lost.vanish()
    wait_until(lambda: not is_online(at, lost.courier), "a worker has vanished, and is still online")
    other = Worker(at, courier(at, "Dora"), does=finish)
    wait_until(lambda: at.ask("GET", f"/v1/orders/{order}")["status"] == "completed", "nobody else got the job")
    events = at.events_of(order)
    check(events.count("delivery.completed") == 1 and "delivery.aborted" in events, f"the order has the events {events}")
    check(any(one.delivery_id == job.id for one in other.outcomes), "the other worker did not do it")
    other.leave()


def check_return(at, shop, product):
    """A worker that comes back in time gets its jobs again; one that is too slow is told that it has lost the job."""
    taken = queue.Queue()
    who = courier(at, "Emil")
    first = Worker(at, who, does=lambda worker, job: (worker.report(job, "ACCEPT"), worker.report(job, "START"), taken.put(job)))
    order = shop.place(product).order.id
    job = taken.get(timeout=nodes.PATIENCE_S)
    wait_until(lambda: len(first.outcomes) == 2, "the job was not begun")
    first.vanish()
    back = Worker(at, who, does=lambda worker, again: worker.report(again, "COMPLETE"))
    wait_until(lambda: at.ask("GET", f"/v1/orders/{order}")["status"] == "completed", "the job was not shown again")
    wait_until(lambda: back.outcomes, "the report of a job is not answered")
    check(back.outcomes[0].delivery_id == job.id, "it was another job")
    back.leave()
    slow = Worker(at, who)
    wait_until(slow.is_ready.is_set, "the worker is not ready")
    shop.place(product)
    wait_until(lambda: slow.lost, "who does not answer is not told that the offer has passed")
    slow.leave()


def check_refusals(at, shop):
    from waybill.v1 import delivery_service_pb2 as pb
    stranger = Worker(at, "cur_00000000000000000000")
    stranger.thread.join(nodes.PATIENCE_S)
    check(stranger.refusal.code == CODE.NOT_FOUND, f"a courier that is not there works: {stranger.refusal}")
    greedy = Worker(at, courier(at, "Gus"), jobs=1000)
    greedy.thread.join(nodes.PATIENCE_S)
    check(greedy.refusal.code == CODE.INVALID_ARGUMENT and "capacity" in greedy.refusal.fields, f"{greedy.refusal}")
    early = Worker(at, "")
    early.thread.join(nodes.PATIENCE_S)
    check("start.courier_id" in early.refusal.fields, f"a worker without a courier: {early.refusal}")
    rude = Worker(at, courier(at, "Hal"))
    wait_until(rude.is_ready.is_set, "the worker is not ready")
    rude.report(pb.Delivery(id="dlv_00000000000000000000", attempt=1), "ACCEPT")
    rude.report(pb.Delivery(id="", attempt=1), "ACCEPT")
    wait_until(lambda: len(rude.outcomes) == 2, "a report is not answered")
    check(rude.outcomes[0].error.code == CODE.NOT_FOUND.value[0], f"{rude.outcomes[0]}")
    check(rude.outcomes[1].error.code == CODE.INVALID_ARGUMENT.value[0], f"{rude.outcomes[1]}")
    at.ask("PATCH", f"/v1/couriers/{rude.courier}", {"online": False})
    rude.thread.join(nodes.PATIENCE_S)
    check(rude.refusal.code == CODE.FAILED_PRECONDITION, f"a courier that was set offline works on: {rude.refusal}")


def check_example(at, shop, product, root, modules):
    """The block of `python` in docs/grpc.md runs as it stands there; what it prints stands behind it."""
    text = (pathlib.Path(root) / "docs/grpc.md").read_text()
    code, printed = re.search(r"^```python\n(.*?)^```\n+```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL).groups()
    shop.place(product)
    done = subprocess.run([sys.executable, "-c", code, courier(at, "Ida"), at.address], capture_output=True, text=True,
                          timeout=nodes.PATIENCE_S, env=os.environ | {"PYTHONPATH": modules})
    check(done.stdout == printed, f"the example prints '{done.stdout}' ({done.stderr})")


def main():
    binary, root = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, stubs.made(root) as modules:
        from shop import Shop
        at = nodes.Node(binary, pathlib.Path(folder) / "node", *OPTIONS)
        at.start()
        try:
            with at.channel() as channel:
                shop = Shop(channel)
                product = shop.new_product("tea-1")
                for part in (check_competition, check_lost_stream, check_return):
                    part(at, shop, product)
                    print(part.__name__, "holds")
                check_example(at, shop, product, root, modules)
                check_refusals(at, shop)
        finally:
            at.stop()
    print("workers hold")


if __name__ == "__main__":
    main()
