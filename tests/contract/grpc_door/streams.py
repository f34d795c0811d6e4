#!/usr/bin/env python3
"""Follows orders and events of a real node over gRPC, through a SIGKILL of the node: streams.py <waybill binary> <source folder>"""

import concurrent.futures
import pathlib
import sys
import tempfile
import threading
import time

import grpc

import nodes
import stubs
from nodes import check, wait_until

ORDERS = 40
CODE = grpc.StatusCode


def check_watch(shop, product):
    """A watch shows the order now and after each change; one that goes on behind a position misses nothing."""
    from waybill.v1 import order_pb2, order_service_pb2
    order = shop.place(product).order.id
    watch = shop.orders.WatchOrder(order_service_pb2.WatchOrderRequest(order_id=order), metadata=shop.metadata)
    first = next(watch)
    check(first.order.id == order and not first.events and not first.position, f"the first message is {first}")
    position, status = "", first.order.status
    if status != order_pb2.ORDER_STATUS_COMPLETED:
        for message in watch:
            position, status = message.position, message.order.status
            break
    watch.cancel()
    wait_until(lambda: shop.get(order).status == order_pb2.ORDER_STATUS_COMPLETED, "the order does not complete")
    seen = []
    resumed = shop.orders.WatchOrder(order_service_pb2.WatchOrderRequest(order_id=order, after=position or "earliest"),
                                     metadata=shop.metadata)
    next(resumed)
    for message in resumed:
        seen += [one.type for one in message.events]
        if "order.completed" in seen:
            break
    resumed.cancel()
    check(seen.count("order.completed") == 1, f"behind the position came {seen}")


def check_watch_refusals(shop, product):
    from shop import refusal_of
    from waybill.v1 import order_service_pb2

    def watch(**what):
        return refusal_of(lambda: next(shop.orders.WatchOrder(order_service_pb2.WatchOrderRequest(**what),
                                                              metadata=shop.metadata)))
    check(watch(order_id="ord_00000000000000000000").code == CODE.NOT_FOUND, "an order that is not there is watched")
    check("order_id" in watch().fields, "a watch without an order is not refused")
    check("after" in watch(order_id=shop.place(product).order.id, after="nonsense").fields, "a position is not checked")


def check_slow_reader(shop, product):
    """Who does not read holds up nobody, and gets everything when they do."""
    from waybill.v1 import event_service_pb2
    request = event_service_pb2.SubscribeEventsRequest(type=["order.placed"], after="earliest")
    slow = shop.events.SubscribeEvents(request, metadata=shop.metadata)
    slow.initial_metadata()
    placed = [shop.place(product).order.id for _ in range(150)]
    got = []
    for message in slow:
        got.append(message.event.stream)
        if len(set(got) & set(placed)) == len(placed):
            break
    slow.cancel()
    check([one for one in got if one in set(placed)] == placed, "the events of the slow reader are others, or in another order")


class Follower(threading.Thread):
    """Follows the log behind the last position that it has seen, whatever happens to the node."""

    def __init__(self, at):
        super().__init__(daemon=True)
        self.at, self.events, self.positions, self.done = at, [], ["earliest"], threading.Event()

    def run(self):
        from shop import Shop
        from waybill.v1 import event_service_pb2
        while not self.done.is_set():
            with self.at.channel() as channel:
                try:
                    request = event_service_pb2.SubscribeEventsRequest(type=["order.*"], after=self.positions[-1])
                    for message in Shop(channel).events.SubscribeEvents(request):
                        self.events.append((message.event.id, message.event.stream, message.event.version, message.event.type))
                        self.positions.append(message.event.position)
                        if self.done.is_set():
                            return
                except grpc.RpcError:
                    time.sleep(0.05)

    def of(self, order, kind):
        return {event for event in self.events if event[1] == order and event[3] == kind}


def place_until_answered(at, key, product):
    """The order under this key, by as many calls as it takes."""
    from shop import Shop
    end = time.monotonic() + nodes.PATIENCE_S
    while time.monotonic() < end:
        with at.channel() as channel:
            try:
                return Shop(channel).place(product, idempotency_key=key).order.id
            except grpc.RpcError as error:
                check(error.code() in (CODE.UNAVAILABLE, CODE.CANCELLED, CODE.DEADLINE_EXCEEDED), f"{key}: {error}")
        time.sleep(0.05)
    raise AssertionError(f"{key} was never placed")


def check_kill(at, shop, product):
    """Callers repeat what was not answered under the same key: one order for each, and a follower that misses no event."""
    follower = Follower(at)
    follower.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        placing = [pool.submit(place_until_answered, at, f"kill-{i}", product) for i in range(ORDERS)]
        wait_until(lambda: sum(one.done() for one in placing) >= ORDERS // 4, "nothing was placed before the node is killed")
        at.kill()
        at.start()
        orders = [one.result() for one in placing]
    check(len(set(orders)) == ORDERS, "two keys have one order")
    for order in orders:
        wait_until(lambda order=order: follower.of(order, "order.completed"), f"{order} does not complete, or nobody was told")
    follower.done.set()
    for order in orders:
        versions = sorted({event[2] for event in follower.events if event[1] == order})
        check(versions == list(range(1, len(versions) + 1)), f"of {order} came the versions {versions}")
        events = at.events_of(order)
        check(events.count("order.placed") == 1 and events.count("order.payment_captured") == 1, f"{order} has {events}")
    placed = {event[1] for event in follower.events if event[3] == "order.placed"}
    check(set(orders) <= placed, "an order was placed that nobody was told of")


def main():
    binary, root = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, stubs.made(root):
        from shop import Shop
        at = nodes.Node(binary, pathlib.Path(folder) / "node")
        at.start()
        try:
            with at.channel() as channel:
                shop = Shop(channel)
                product = shop.new_product("tea-1", on_hand=10_000)
                check_watch(shop, product)
                check_watch_refusals(shop, product)
                check_slow_reader(shop, product)
                check_kill(at, shop, product)
        finally:
            at.stop()
    print("streams hold")


if __name__ == "__main__":
    main()
