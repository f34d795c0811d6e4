#!/usr/bin/env python3
"""Pushes notifications to customers of a real node over gRPC and follows them, through a SIGKILL of the node: notifications.py
<waybill binary> <source folder>"""

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

MESSAGES = 300
CODE = grpc.StatusCode
ADMIN = {"email": "admin@example.com", "password": "correct horse battery"}


def somebody(number):
    """The id of a customer."""
    return f"cus_{number:020}"


def push(shop, customer, text, **more):
    from waybill.v1 import notification_service_pb2 as pb
    return shop.call(shop.notifications.PushNotification, pb.PushNotificationRequest(customer_id=customer, text=text, **more))


def stream(shop, **what):
    from waybill.v1 import notification_service_pb2 as pb
    return shop.notifications.StreamNotifications(pb.StreamNotificationsRequest(**what), metadata=shop.metadata,
                                                  timeout=nodes.PATIENCE_S)


def take(messages, count):
    """The next messages of a stream, which ends with them."""
    got = [next(messages) for _ in range(count)]
    messages.cancel()
    return got


def texts(messages):
    return [one.notification.text for one in messages]


def check_push(at, shop, product):
    from shop import refusal_of
    me = at.ask("GET", "/v1/me")["customer_id"]
    order = shop.place(product).order.id
    first = push(shop, me, "The courier comes tomorrow.", order_id=order, idempotency_key="p-1")
    told = first.notification
    check(told.id.startswith("ntf_") and told.kind == "message" and told.order_id == order and not told.HasField("read_at"), f"{told}")
    check(not first.idempotent_replayed and told.created_at.seconds > 0, f"{first}")
    again = push(shop, me, "The courier comes tomorrow.", order_id=order, idempotency_key="p-1")
    check(again.idempotent_replayed and again.notification == told, f"the same key gives {again}")
    reused = refusal_of(lambda: push(shop, me, "Another one.", order_id=order, idempotency_key="p-1"))
    check(reused.code == CODE.INVALID_ARGUMENT and reused.reason == "IDEMPOTENCY_KEY_REUSED", f"{reused}")
    check(not push(shop, me, "We are closed on Monday.").notification.HasField("order_id"), "a message is about an order")
    for field, what in {"order_id": {"customer_id": somebody(1), "text": "Yours?", "order_id": order},
                        "customer_id": {"customer_id": "ada", "text": "Hello."},
                        "text": {"customer_id": me, "text": "a\u2028b"}}.items():
        refused = refusal_of(lambda what=what: push(shop, what.pop("customer_id"), what.pop("text"), **what))
        check(refused.code == CODE.INVALID_ARGUMENT and list(refused.fields) == [field], f"{field}: {refused}")


def check_list(at, shop):
    from waybill.v1 import notification_service_pb2 as pb
    ids = [push(shop, somebody(2), text).notification.id for text in ("one", "two", "three")]
    page = shop.call(shop.notifications.ListNotifications,
                     pb.ListNotificationsRequest(customer_id=somebody(2), id=[ids[0], ids[2]]))
    check({one.id for one in page.items} == {ids[0], ids[2]}, f"{page}")
    check(len(at.ask("GET", f"/v1/notifications?customer_id={somebody(2)}")["items"]) == 3, "HTTP shows others")


def check_stream(at, shop, product):
    """What is told is told to who follows, with its text; the past is read in the order of the log."""
    me = at.ask("GET", "/v1/me")["customer_id"]
    live = stream(shop, customer=me)
    live.initial_metadata()
    order = shop.place(product).order.id
    first = next(one for one in live if one.notification.order_id == order)
    live.cancel()
    check(first.notification.kind == "order.confirmed" and first.notification.text and first.customer_id == me and first.position,
          f"{first}")
    # More than a look takes, of one customer and of two in turn.
    said = [(somebody(3), f"a {i}") for i in range(130)] + [(somebody(3 + i % 2), f"b {i}") for i in range(40)]
    for customer, text in said:
        push(shop, customer, text)
    past = take(stream(shop, customer=somebody(3), after="earliest"), 150)
    check(texts(past) == [text for customer, text in said if customer == somebody(3)], f"{texts(past)}")
    rest = take(stream(shop, customer=somebody(3), after=past[139].position), 10)
    check([one.notification.id for one in rest] == [one.notification.id for one in past[140:]], f"{texts(rest)}")
    start = take(stream(shop, customer=somebody(3), after="earliest"), 1)[0].position
    of_all = []
    for message in stream(shop, after=start):
        if message.customer_id in (somebody(3), somebody(4)):
            of_all.append((message.customer_id, message.notification.text))
        if len(of_all) == len(said) - 1:
            break
    check(of_all == said[1:], f"{of_all}")


def check_refusals(shop):
    from shop import refusal_of
    check("after" in refusal_of(lambda: next(stream(shop, after="nonsense"))).fields, "a position is not checked")


class Follower(threading.Thread):
    """Follows a customer's notifications behind the last position that it has seen, whatever happens to the node."""

    def __init__(self, at, customer):
        super().__init__(daemon=True)
        self.at, self.customer, self.position, self.got, self.done = at, customer, "earliest", [], threading.Event()

    def run(self):
        from shop import Shop
        while not self.done.is_set():
            with self.at.channel() as channel:
                try:
                    for message in stream(Shop(channel), customer=self.customer, after=self.position):
                        self.got.append((message.notification.id, message.notification.text))
                        self.position = message.position
                except grpc.RpcError:
                    time.sleep(0.05)


def push_until_answered(at, customer, text):
    """The id of the notification, by as many calls as it takes, under one key."""
    from shop import Shop
    end = time.monotonic() + nodes.PATIENCE_S
    while time.monotonic() < end:
        with at.channel() as channel:
            try:
                return push(Shop(channel), customer, text, idempotency_key=text.replace(" ", "-")).notification.id
            except grpc.RpcError as error:
                check(error.code() in (CODE.UNAVAILABLE, CODE.CANCELLED, CODE.DEADLINE_EXCEEDED), f"{text}: {error}")
        time.sleep(0.05)
    raise AssertionError(f"{text} was never stored")


def check_kill(at):
    """Of what was pushed while the node was killed nothing is lost, and nothing comes twice."""
    customer = somebody(5)
    follower = Follower(at, customer)
    follower.start()
    said = [f"message {i}" for i in range(MESSAGES)]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pushing = [pool.submit(push_until_answered, at, customer, text) for text in said]
        wait_until(lambda: len(follower.got) >= MESSAGES // 4, "nobody is told before the node is killed")
        at.kill()
        check(not all(one.done() for one in pushing), "everything was pushed before the node was killed")
        at.start()
        pushed = list(zip([one.result() for one in pushing], said))
    pushed.append((push_until_answered(at, customer, "the end"), "the end"))
    wait_until(lambda: pushed[-1] in follower.got, "the last one does not come")
    follower.done.set()
    check(follower.got == pushed, f"the follower got {follower.got}, pushed was {pushed}")
    kept = at.ask("GET", f"/v1/notifications?customer_id={customer}&limit=200&unread=true")
    check({one["text"] for one in kept["items"]} < {*said, "the end"} and kept["next_cursor"], "the list shows something else")


def check_rights(at):
    from shop import Shop, refusal_of
    customers = {}
    for name in ("ada", "bob"):
        body = {"email": f"{name}@example.com", "password": ADMIN["password"], "name": name}
        session = at.ask("POST", "/v1/auth/register", body)
        customers[name] = (session["user"]["customer_id"], session["access_token"])
    (ada, ada_token), (bob, _) = customers["ada"], customers["bob"]
    admin = at.ask("POST", "/v1/auth/login", ADMIN)["access_token"]
    with at.channel() as channel:
        operator, customer, nobody = Shop(channel, admin), Shop(channel, ada_token), Shop(channel)
        check(refusal_of(lambda: push(customer, ada, "Mine.")).code == CODE.PERMISSION_DENIED, "a customer pushes")
        check(refusal_of(lambda: push(nobody, ada, "Mine.")).code == CODE.UNAUTHENTICATED, "nobody pushes")
        check(refusal_of(lambda: next(stream(nobody))).code == CODE.UNAUTHENTICATED, "nobody follows")
        push(operator, bob, "For Bob.")
        push(operator, ada, "For Ada.")
        for what in ({}, {"customer": bob}):
            seen = take(stream(customer, after="earliest", **what), 1)
            check(texts(seen) == ["For Ada."], f"a customer sees {texts(seen)}")
        seen = take(stream(operator, customer=bob, after="earliest"), 1)
        check(texts(seen) == ["For Bob."], f"an operator sees {texts(seen)}")


def main():
    binary, root = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name, stubs.made(root):
        from shop import Shop
        folder = pathlib.Path(name)
        at = nodes.Node(binary, folder / "node")
        guarded = nodes.Node(binary, folder / "guarded", "--auth=required", f"--admin-email={ADMIN['email']}",
                             f"--admin-password={ADMIN['password']}", "--http-target-latency=0ms")
        try:
            at.start()
            with at.channel() as channel:
                shop = Shop(channel)
                product = shop.new_product("tea-1")
                check_push(at, shop, product)
                check_list(at, shop)
                check_stream(at, shop, product)
                check_refusals(shop)
            check_kill(at)
            guarded.start()
            check_rights(guarded)
        finally:
            at.stop()
            guarded.stop()
    print("notifications hold")


if __name__ == "__main__":
    main()
