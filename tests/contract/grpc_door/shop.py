"""Calls of the gRPC API as the tests make them. Import it only within stubs.made()."""

import grpc
from google.rpc import error_details_pb2, status_pb2
from waybill.v1 import (common_pb2, delivery_service_pb2_grpc, event_service_pb2_grpc, notification_service_pb2_grpc,
                        order_service_pb2, order_service_pb2_grpc, payment_service_pb2_grpc, product_service_pb2,
                        product_service_pb2_grpc)

PATIENCE_S = 60


class Shop:
    """The services over one channel; `token` goes with every call."""

    def __init__(self, channel, token=None):
        self.metadata = [("authorization", f"Bearer {token}")] if token else []
        self.channel = channel
        self.orders = order_service_pb2_grpc.OrderServiceStub(channel)
        self.products = product_service_pb2_grpc.ProductServiceStub(channel)
        self.payments = payment_service_pb2_grpc.PaymentServiceStub(channel)
        self.events = event_service_pb2_grpc.EventServiceStub(channel)
        self.deliveries = delivery_service_pb2_grpc.DeliveryServiceStub(channel)
        self.notifications = notification_service_pb2_grpc.NotificationServiceStub(channel)

    def call(self, method, request):
        return method(request, metadata=self.metadata, timeout=PATIENCE_S)

    def new_product(self, sku, on_hand=1000):
        request = product_service_pb2.CreateProductRequest(sku=sku, name="Tea", on_hand=on_hand,
                                                           price=common_pb2.Money(amount=475, currency="EUR"))
        return self.call(self.products.CreateProduct, request).product.id

    def place(self, product, **more):
        return self.call(self.orders.PlaceOrder, new_order(product, **more))

    def get(self, order):
        return self.call(self.orders.GetOrder, order_service_pb2.GetOrderRequest(order_id=order)).order


def new_order(product, quantity=2, method="card", token="tok_ok", **more):
    return order_service_pb2.PlaceOrderRequest(
        lines=[order_service_pb2.PlaceOrderRequest.Line(product_id=product, quantity=quantity)],
        payment=order_service_pb2.PlaceOrderRequest.Payment(method=method, token=token),
        delivery=common_pb2.Recipient(name="Ada", address="1 Main Street"), **more)


class Refusal:
    """What a failed call says: its code and the details of google.rpc.Status."""

    def __init__(self, error):
        self.code = error.code()
        self.details = error.details()
        rich = status_pb2.Status()
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                rich.ParseFromString(value)
        self.is_rich = rich.code == error.code().value[0] and rich.message == self.details
        self.reason, self.fields, self.retry_s, self.request_id = "", {}, None, ""
        for detail in rich.details:
            for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo,
                         error_details_pb2.RequestInfo):
                if detail.Is(kind.DESCRIPTOR):
                    self._take(detail, kind())

    def _take(self, detail, message):
        detail.Unpack(message)
        if isinstance(message, error_details_pb2.ErrorInfo):
            self.reason = message.reason
        elif isinstance(message, error_details_pb2.BadRequest):
            self.fields = {one.field: one.description for one in message.field_violations}
        elif isinstance(message, error_details_pb2.RetryInfo):
            self.retry_s = message.retry_delay.seconds
        else:
            self.request_id = message.request_id

    def __repr__(self):
        return f"{self.code} {self.reason} '{self.details}' {self.fields}"


def refusal_of(call):
    """The refusal of a call that must fail; None when it did not."""
    try:
        call()
    except grpc.RpcError as error:
        return Refusal(error)
    return None
