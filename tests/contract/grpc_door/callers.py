#!/usr/bin/env python3
"""Who may do what over gRPC, and how the door behaves as a server: callers.py <waybill binary> <source folder>

Tokens, rights and limits are those of HTTP; health and reflection; TLS with certificates of clients; an end without a failed call.
"""

import concurrent.futures
import pathlib
import subprocess
import sys
import tempfile

import grpc

import nodes
import stubs
from nodes import check, wait_until

ADMIN = {"email": "admin@example.com", "password": "correct horse battery"}
CODE = grpc.StatusCode


def sign_in(at, email, password):
    return at.ask("POST", "/v1/auth/login", {"email": email, "password": password})["access_token"]


def sign_up(at, email):
    return at.ask("POST", "/v1/auth/register", {"email": email, "password": "correct horse battery", "name": "Ada"})["access_token"]


def check_rights(at, channel):
    from shop import Shop, new_order, refusal_of
    from waybill.v1 import order_service_pb2 as orders
    admin = Shop(channel, sign_in(at, **ADMIN))
    product = admin.new_product("tea-1")
    ada, bob = (Shop(channel, sign_up(at, f"{name}@example.com")) for name in ("ada", "bob"))
    order = ada.place(product).order
    check(ada.get(order.id).id == order.id, "a customer does not see their own order")
    check(refusal_of(lambda: bob.get(order.id)).code == CODE.NOT_FOUND, "a customer sees the order of another one")
    refund = orders.RefundOrderRequest(order_id=order.id, reason="mine")
    check(refusal_of(lambda: ada.call(ada.orders.RefundOrder, refund)).reason == "FORBIDDEN", "a customer gives money back")
    check(refusal_of(lambda: next(bob.orders.WatchOrder(orders.WatchOrderRequest(order_id=order.id), metadata=bob.metadata))).code
          == CODE.NOT_FOUND, "a customer watches the order of another one")
    nobody, liar = Shop(channel), Shop(channel, "e30.e30.e30")
    for shop in (nobody, liar):
        refusal = refusal_of(lambda shop=shop: shop.get(order.id))
        check(refusal.code == CODE.UNAUTHENTICATED and refusal.reason == "UNAUTHENTICATED", f"without a token: {refusal}")
        check(refusal_of(lambda shop=shop: shop.place(product)).code == CODE.UNAUTHENTICATED, "nobody places an order")
    key = at.ask("POST", "/v1/service-keys", {"name": "shop", "roles": ["operator"]}, admin.metadata[0][1].split()[1])["token"]
    check(Shop(channel, key).get(order.id).id == order.id, "a service key does not count")
    twice = refusal_of(lambda: ada.orders.PlaceOrder(new_order(product, idempotency_key="a"),
                                                     metadata=[*ada.metadata, ("idempotency-key", "b")]))
    check(twice.code == CODE.INVALID_ARGUMENT, f"two keys are taken: {twice}")


def check_limits(binary, folder):
    from shop import Shop, refusal_of
    from waybill.v1 import product_service_pb2 as products
    at = nodes.Node(binary, folder / "limited", "--http-rate-reads=5/1m", "--http-limit-loopback=on")
    at.start()
    try:
        with at.channel() as channel:
            shop = Shop(channel)
            refusals = [refusal_of(lambda: shop.call(shop.products.ListProducts, products.ListProductsRequest()))
                        for _ in range(12)]
        last = refusals[-1]
        check(last is not None and last.code == CODE.RESOURCE_EXHAUSTED and last.reason == "RATE_LIMITED", f"no limit: {last}")
        check(last.retry_s and last.retry_s >= 1, f"nobody is told when to come back: {last.retry_s}")
    finally:
        at.stop()


def check_services(channel):
    """Health and reflection, by their protocols: python3-grpcio brings no modules for them."""
    health = channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=lambda x: x, response_deserializer=lambda x: x)
    wait_until(lambda: health(b"", timeout=nodes.PATIENCE_S) == b"\x08\x01", "the node does not say SERVING")
    reflection = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                       request_serializer=lambda x: x, response_deserializer=lambda x: x)
    listed = b"".join(reflection(iter([b"\x3a\x01*"]), timeout=nodes.PATIENCE_S))
    for name in (b"waybill.v1.OrderService", b"waybill.v1.DeliveryService", b"grpc.health.v1.Health"):
        check(name in listed, f"reflection does not list {name}")


def check_end(at, token):
    """SIGTERM: a stream is told to begin again, and calls that come meanwhile are answered or refused at once."""
    from shop import Shop, refusal_of
    from waybill.v1 import event_service_pb2
    with at.channel() as channel:
        shop = Shop(channel, token)
        stream = shop.events.SubscribeEvents(event_service_pb2.SubscribeEventsRequest(), metadata=shop.metadata)
        stream.initial_metadata()
        at.process.terminate()
        ended = refusal_of(lambda: list(stream))
        check(ended.code == CODE.UNAVAILABLE, f"the stream ends with {ended}")
        check(at.process.wait(nodes.PATIENCE_S) == 0, "the node did not end in order")


def make_certificates(folder):
    def run(*command):
        subprocess.run(["openssl", *command], check=True, capture_output=True, cwd=folder)
    for authority in ("site", "clients"):
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            f"/CN={authority}", "-keyout", f"{authority}-ca.key", "-out", f"{authority}-ca.pem")
    for name, authority, extension in (("server", "site", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
                                       ("client", "clients", "extendedKeyUsage=clientAuth")):
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
            f"{name}.key", "-out", f"{name}.csr")
        (folder / f"{name}.ext").write_text(extension)
        run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}-ca.pem", "-CAkey", f"{authority}-ca.key", "-days", "2",
            "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def check_tls(binary, folder):
    """With an authority for clients only those with a certificate of it get in."""
    from shop import Shop, refusal_of
    from waybill.v1 import product_service_pb2 as products
    certificates = folder / "certificates"
    certificates.mkdir()
    make_certificates(certificates)
    read = lambda name: (certificates / name).read_bytes()
    at = nodes.Node(binary, folder / "tls", f"--http-tls-certificate={certificates}/server.pem",
                    f"--http-tls-key={certificates}/server.key", f"--grpc-client-ca={certificates}/clients-ca.pem")
    at.start(certificates / "site-ca.pem")
    try:
        known = grpc.ssl_channel_credentials(read("site-ca.pem"), read("client.key"), read("client.pem"))
        stranger = grpc.ssl_channel_credentials(read("site-ca.pem"))
        for credentials, gets_in in ((known, True), (stranger, False)):
            with grpc.secure_channel(at.address.replace("127.0.0.1", "localhost"), credentials) as channel:
                shop = Shop(channel)
                refusal = refusal_of(lambda: shop.call(shop.products.ListProducts, products.ListProductsRequest()))
                check((refusal is None) == gets_in, f"a client with{'' if gets_in else 'out'} a certificate: {refusal}")
        with at.channel() as channel:
            shop = Shop(channel)
            plain = refusal_of(lambda: shop.call(shop.products.ListProducts, products.ListProductsRequest()))
            check(plain.code == CODE.UNAVAILABLE, f"plain HTTP/2 is taken: {plain}")
    finally:
        at.stop()


def main():
    binary, root = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name, stubs.made(root):
        folder = pathlib.Path(name)
        at = nodes.Node(binary, folder / "node", "--auth=required", f"--admin-email={ADMIN['email']}",
                        f"--admin-password={ADMIN['password']}", "--http-target-latency=0ms")
        at.start()
        try:
            with at.channel() as channel:
                check_rights(at, channel)
                check_services(channel)
            check_end(at, sign_in(at, **ADMIN))
        finally:
            at.stop()
        check_limits(binary, folder)
        check_tls(binary, folder)
    print("callers, limits, TLS and the end hold")


if __name__ == "__main__":
    main()
