#!/usr/bin/env python3
"""Uses the orders, products and payments of a real node over gRPC, by grpcio: orders.py <waybill binary> <source folder>"""

import pathlib
import sys
import tempfile

import grpc

import nodes
import stubs
from nodes import check, wait_until

CODE = grpc.StatusCode


def check_place(shop, product):
    from waybill.v1 import order_pb2
    first = shop.place(product, idempotency_key="k-1", note="ring twice")
    order = first.order
    check(order.id.startswith("ord_") and not first.idempotent_replayed, f"placed: {first}")
    check(order.status == order_pb2.ORDER_STATUS_PLACED and order.total.amount == 950 and order.total.currency == "EUR",
          f"the order is another one: {order}")
    check(order.lines[0].quantity == 2 and order.lines[0].unit_price.amount == 475 and order.note == "ring twice", f"{order}")
    check(order.created_at.seconds > 1_600_000_000 and order.version == 1, f"{order}")
    again = shop.place(product, idempotency_key="k-1", note="ring twice")
    check(again.idempotent_replayed and again.order == order, f"the key gave another order: {again}")
    wait_until(lambda: shop.get(order.id).status == order_pb2.ORDER_STATUS_COMPLETED, "the order does not complete")
    done = shop.get(order.id)
    check(done.payment_status == order_pb2.PAYMENT_STATUS_CAPTURED
          and done.fulfillment_status == order_pb2.FULFILLMENT_STATUS_DELIVERED, f"{done}")
    waited = shop.place(product, wait_seconds=30).order
    check(waited.status not in (order_pb2.ORDER_STATUS_PLACED, order_pb2.ORDER_STATUS_UNSPECIFIED), f"it did not wait: {waited}")
    return order.id


def check_list(shop, product):
    from waybill.v1 import order_pb2, order_service_pb2
    for _ in range(5):
        shop.place(product)
    seen, cursor = [], ""
    while True:
        page = shop.call(shop.orders.ListOrders, order_service_pb2.ListOrdersRequest(limit=2, cursor=cursor))
        check(len(page.items) <= 2, "a page is longer than its limit")
        seen += [one.id for one in page.items]
        if not page.HasField("next_cursor"):
            break
        cursor = page.next_cursor
    check(len(seen) == len(set(seen)) >= 6, f"the pages have {seen}")
    rejected = shop.call(shop.orders.ListOrders,
                         order_service_pb2.ListOrdersRequest(status=[order_pb2.ORDER_STATUS_REJECTED,
                                                                     order_pb2.ORDER_STATUS_CANCELLED]))
    check(not rejected.items, f"the filter lets others through: {rejected}")


def check_change(shop, product):
    from waybill.v1 import common_pb2, order_pb2, order_service_pb2, payment_service_pb2
    order = shop.place(product, method="deferred", token=None).order
    paid = payment_service_pb2.ProcessPaymentRequest(order_id=order.id, method="card", token="tok_ok", idempotency_key="p-1",
                                                     wait_seconds=30)
    check(shop.call(shop.payments.ProcessPayment, paid).order.status != order_pb2.ORDER_STATUS_PLACED, "it was not paid")
    check(shop.call(shop.payments.ProcessPayment, paid).idempotent_replayed, "it was paid again")
    wait_until(lambda: shop.get(order.id).status == order_pb2.ORDER_STATUS_COMPLETED, "a paid order does not complete")
    payment = shop.call(shop.payments.GetPayment, payment_service_pb2.GetPaymentRequest(order_id=order.id)).payment
    check(payment.status == payment_service_pb2.Payment.STATUS_CAPTURED and payment.captured.amount == 950, f"{payment}")
    part = order_service_pb2.RefundOrderRequest(order_id=order.id, amount=common_pb2.Money(amount=400, currency="EUR"),
                                                reason="torn", idempotency_key="r-1")
    refunds = shop.call(shop.orders.RefundOrder, part)
    check([one.amount.amount for one in refunds.items] == [400] and refunds.captured.amount == 950, f"{refunds}")
    check(shop.call(shop.orders.RefundOrder, part).idempotent_replayed, "the same refund was given twice")
    unpaid = shop.place(product, method="deferred", token=None).order
    cancelled = shop.call(shop.orders.CancelOrder, order_service_pb2.CancelOrderRequest(order_id=unpaid.id, reason="changed mind"))
    check(cancelled.order.status in (order_pb2.ORDER_STATUS_CANCELLED, order_pb2.ORDER_STATUS_CANCELLING), f"{cancelled}")


def check_products(shop, product):
    from waybill.v1 import product_service_pb2 as products
    known = shop.call(shop.products.GetProduct, products.GetProductRequest(product_id=product)).product
    check(known.sku == "tea-1" and known.available == known.on_hand - known.reserved, f"{known}")
    adjust = products.AdjustStockRequest(product_id=product, delta=5, reason="delivery", idempotency_key="s-1")
    more = shop.call(shop.products.AdjustStock, adjust).product
    again = shop.call(shop.products.AdjustStock, adjust)
    check(again.idempotent_replayed and again.product.on_hand == more.on_hand, f"the stock grew twice: {again}")
    changed = shop.call(shop.products.ChangeProduct, products.ChangeProductRequest(product_id=product, name="Assam")).product
    check(changed.name == "Assam" and changed.price.amount == 475, f"{changed}")
    check(any(one.id == product for one in shop.call(shop.products.ListProducts, products.ListProductsRequest(q="assam")).items),
          "the search does not find it")
    gone = shop.new_product("gone-1")
    shop.call(shop.products.WithdrawProduct, products.WithdrawProductRequest(product_id=gone))


def check_refusals(shop, product, order):
    """What is wrong is told as in HTTP, with the code of gRPC for it."""
    from shop import new_order, refusal_of
    from waybill.v1 import common_pb2, order_service_pb2 as orders

    def refused(method, request, code, reason, field=None):
        refusal = refusal_of(lambda: shop.call(method, request))
        check(refusal is not None, f"this was not refused: {request}")
        check(refusal.code == code and refusal.reason == reason, f"{request} is refused with {refusal}")
        check(refusal.is_rich and refusal.request_id, f"the details are not there: {refusal}")
        check(field is None or field in refusal.fields, f"{field} is not named: {refusal}")
        return refusal

    place = shop.orders.PlaceOrder
    refused(place, new_order(product, quantity=0), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "lines[0].quantity")
    refused(place, new_order("prd_nothing"), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "lines[0].product_id")
    refused(place, orders.PlaceOrderRequest(), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "lines")
    refused(place, new_order(product, token=None), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "payment.token")
    refused(place, new_order(product, note="x" * 2000), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "note")
    refused(place, new_order(product, idempotency_key="two words"), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED")
    refused(place, new_order(product, idempotency_key="k-1"), CODE.INVALID_ARGUMENT, "IDEMPOTENCY_KEY_REUSED")
    refused(shop.orders.GetOrder, orders.GetOrderRequest(order_id="ord_00000000000000000000"), CODE.NOT_FOUND, "NOT_FOUND")
    refused(shop.orders.GetOrder, orders.GetOrderRequest(order_id="../../metrics?x=1"), CODE.NOT_FOUND, "NOT_FOUND")
    refused(shop.orders.CancelOrder, orders.CancelOrderRequest(order_id=order, reason="late"), CODE.FAILED_PRECONDITION,
            "ILLEGAL_TRANSITION")
    refused(shop.orders.CancelOrder, orders.CancelOrderRequest(order_id=order, reason="late", expected_version=1), CODE.ABORTED,
            "VERSION_MISMATCH")
    refused(shop.orders.RefundOrder, orders.RefundOrderRequest(order_id=order, reason="much",
                                                               amount=common_pb2.Money(amount=10**9, currency="EUR")),
            CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "amount")
    refused(shop.orders.ListOrders, orders.ListOrdersRequest(limit=1000), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "limit")
    refused(shop.orders.ListOrders, orders.ListOrdersRequest(cursor="nonsense"), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED",
            "cursor")
    refused(shop.orders.ListOrders, orders.ListOrdersRequest(status=[77]), CODE.INVALID_ARGUMENT, "VALIDATION_FAILED", "status")
    # Without an order nothing is asked of the gateway, so no request has an id.
    nameless = refusal_of(lambda: shop.call(shop.orders.GetOrder, orders.GetOrderRequest()))
    check(nameless.code == CODE.INVALID_ARGUMENT and "order_id" in nameless.fields, f"{nameless}")


def check_octets(shop):
    """Octets that are no message, a message that is too large, and a method that does not exist."""
    from shop import refusal_of
    raw = shop.channel.unary_unary("/waybill.v1.OrderService/PlaceOrder", request_serializer=lambda x: x,
                                   response_deserializer=lambda x: x)
    for octets in (b"\xff\xff\xff\xff", b"\x22\x02\xc3\x28"):
        broken = refusal_of(lambda octets=octets: raw(octets, timeout=nodes.PATIENCE_S))
        check(broken is not None and broken.code == CODE.INVALID_ARGUMENT, f"no message is answered with {broken}")
    large = refusal_of(lambda: raw(b"\x22\x80\x80\x40" + b"x" * (1 << 20), timeout=nodes.PATIENCE_S))
    check(large.code == CODE.RESOURCE_EXHAUSTED, f"a large message is answered with {large}")
    unknown = shop.channel.unary_unary("/waybill.v1.OrderService/Steal", request_serializer=lambda x: x,
                                       response_deserializer=lambda x: x)
    check(refusal_of(lambda: unknown(b"", timeout=nodes.PATIENCE_S)).code == CODE.UNIMPLEMENTED, "there is a method Steal")


def main():
    binary, root = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, stubs.made(root):
        from shop import Shop
        at = nodes.Node(binary, pathlib.Path(folder) / "node")
        at.start()
        try:
            with at.channel() as channel:
                shop = Shop(channel)
                product = shop.new_product("tea-1")
                order = check_place(shop, product)
                check_list(shop, product)
                check_change(shop, product)
                check_products(shop, product)
                check_refusals(shop, product, order)
                check_octets(shop)
        finally:
            at.stop()
    print("orders, products and payments hold")


if __name__ == "__main__":
    main()
