"""Products, deliveries and their couriers, notifications, the event log, webhook endpoints."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Optional, Sequence

from .following import EventStream
from .problems import WaybillError
from .transport import Stream
from .types import Courier, Delivery, Event, Money, Notification, Product, WebhookEndpoint, WebhookEndpointWithSecret, WebhookTestResult

if TYPE_CHECKING:
    from .client import Waybill


class Products:
    def __init__(self, client: Waybill) -> None:
        self._client = client

    def list(self, q: Optional[str] = None) -> Iterator[Product]:
        """`q`: words of the name, or of the SKU."""
        return self._client.pages("/v1/products", {"q": q})

    def get(self, product_id: str) -> Product:
        return self._ask("GET", "/v1/products/{id}", product_id)

    def create(self, sku: str, name: str, price: Money, on_hand: int) -> Product:
        body = {"sku": sku, "name": name, "price": price, "on_hand": on_hand}
        product: Product = self._client.request("POST", "/v1/products", body=body).json()
        return product

    def change(self, product_id: str, *, sku: Optional[str] = None, name: Optional[str] = None, price: Optional[Money] = None,
               if_version: Optional[int] = None) -> Product:
        body = {key: value for key, value in (("sku", sku), ("name", name), ("price", price)) if value is not None}
        return self._ask("PATCH", "/v1/products/{id}", product_id, body=body, if_version=if_version)

    def withdraw(self, product_id: str) -> None:
        """It can no longer be ordered."""
        self._client.request("DELETE", "/v1/products/{id}", path={"id": product_id})

    def adjust_stock(self, product_id: str, delta: int, reason: str, *, idempotency_key: Optional[str] = None) -> Product:
        """Adds to the stock in the warehouse, or takes from it; never below what orders have reserved (409 `insufficient_stock`)."""
        return self._ask("POST", "/v1/products/{id}/stock", product_id, body={"delta": delta, "reason": reason},
                         idempotency_key=idempotency_key)

    def _ask(self, method: str, route: str, product_id: str, **options: Any) -> Product:
        product: Product = self._client.request(method, route, path={"id": product_id}, **options).json()
        return product


class Couriers:
    def __init__(self, client: Waybill) -> None:
        self._client = client

    def list(self, *, online: Optional[bool] = None) -> Iterator[Courier]:
        return self._client.pages("/v1/couriers", {"online": online})

    def get(self, courier_id: str) -> Courier:
        courier: Courier = self._client.request("GET", "/v1/couriers/{id}", path={"id": courier_id}).json()
        return courier

    def create(self, name: str, *, capacity: int = 1, user_id: Optional[str] = None) -> Courier:
        """`user_id`: who signs in as this courier, with the role courier. A user is one courier: adding it again returns that one."""
        body: Dict[str, Any] = {"name": name, "capacity": capacity}
        if user_id is not None:
            body["user_id"] = user_id
        courier: Courier = self._client.request("POST", "/v1/couriers", body=body, may_repeat=user_id is not None).json()
        return courier

    def change(self, courier_id: str, *, online: Optional[bool] = None, name: Optional[str] = None,
               capacity: Optional[int] = None) -> Courier:
        """Couriers change `online` of themselves; operators change the rest."""
        body = {key: value for key, value in (("online", online), ("name", name), ("capacity", capacity)) if value is not None}
        courier: Courier = self._client.request("PATCH", "/v1/couriers/{id}", path={"id": courier_id}, body=body).json()
        return courier

    def remove(self, courier_id: str) -> None:
        self._client.request("DELETE", "/v1/couriers/{id}", path={"id": courier_id})


class Deliveries:
    """What is offered to a courier, and what a courier carries; for operators all.

    `attempt` names the offer that is answered (`delivery["attempt"]`), so that saying it twice does nothing and never means a later
    offer. 409 `illegal_transition`: the offer has passed; 409 `conflict`: the courier carries as much as they can; 404: it is another's.
    """

    def __init__(self, client: Waybill) -> None:
        self._client = client

    def list(self, *, status: Optional[str] = None, courier_id: Optional[str] = None) -> Iterator[Delivery]:
        return self._client.pages("/v1/deliveries", {"status": status, "courier_id": courier_id})

    def get(self, delivery_id: str) -> Delivery:
        delivery: Delivery = self._client.request("GET", "/v1/deliveries/{id}", path={"id": delivery_id}).json()
        return delivery

    def accept(self, delivery_id: str, attempt: int) -> Delivery:
        return self._say("accept", delivery_id, {"attempt": attempt})

    def decline(self, delivery_id: str, attempt: int, reason: str) -> Delivery:
        """It is offered to the next courier."""
        return self._say("decline", delivery_id, {"attempt": attempt, "reason": reason})

    def start(self, delivery_id: str, attempt: int) -> Delivery:
        """The courier has the goods."""
        return self._say("start", delivery_id, {"attempt": attempt})

    def complete(self, delivery_id: str, attempt: int) -> Delivery:
        """The customer has the goods: the money is captured, and the order completed."""
        return self._say("complete", delivery_id, {"attempt": attempt})

    def abort(self, delivery_id: str, attempt: int, reason: str) -> Delivery:
        return self._say("abort", delivery_id, {"attempt": attempt, "reason": reason})

    def _say(self, word: str, delivery_id: str, body: Dict[str, Any]) -> Delivery:
        delivery: Delivery = self._client.request("POST", "/v1/deliveries/{id}/" + word, path={"id": delivery_id}, body=body,
                                                  may_repeat=True).json()
        return delivery


class Notifications:
    """What customers were told, as a rule about their orders. Operators tell them more."""

    def __init__(self, client: Waybill) -> None:
        self._client = client

    def list(self, *, unread: Optional[bool] = None, customer_id: Optional[str] = None) -> Iterator[Notification]:
        """Newest first. The caller's own, or, for operators, those of `customer_id`."""
        return self._client.pages("/v1/notifications", {"unread": unread, "customer_id": customer_id})

    def push(self, customer_id: str, text: str, *, order_id: Optional[str] = None,
             idempotency_key: Optional[str] = None) -> Notification:
        """Tells a customer something; for operators. `order_id`: an order of this customer."""
        body = {"customer_id": customer_id, "text": text}
        if order_id is not None:
            body["order_id"] = order_id
        notification: Notification = self._client.request("POST", "/v1/notifications", body=body,
                                                          idempotency_key=idempotency_key).json()
        return notification

    def read(self, notification_id: str) -> str:
        """Marks it as read, and returns the time when it was read."""
        answer = self._client.request("POST", "/v1/notifications/{id}/read", path={"id": notification_id}, may_repeat=True)
        read_at: str = answer.json()["read_at"]
        return read_at

    def read_all(self) -> None:
        self._client.request("POST", "/v1/notifications/read-all", may_repeat=True)


class Events:
    """The log of all that happened: for customers of their orders, for couriers of their deliveries, for operators all.

    `types`: exact, or with a star at the end ("order.*"). `order`: an order with its payment and its delivery. `stream`: one entity.
    """

    def __init__(self, client: Waybill) -> None:
        self._client = client

    def list(self, *, after: str = "earliest", types: Sequence[str] = (), order: Optional[str] = None, customer: Optional[str] = None,
             stream: Optional[str] = None) -> Iterator[Event]:
        """What has happened until now, oldest first. `after`: the `position` of an event."""
        return self._client.pages("/v1/events", {"type": types, "order": order, "customer": customer, "stream": stream, "after": after},
                                  cursor="after")

    def end(self) -> str:
        """The position from which on all is new."""
        position: str = self._client.request("GET", "/v1/events", query={"after": "latest"}).json()["next_cursor"]
        return position

    def follow(self, *, after: str = "latest", types: Sequence[str] = (), order: Optional[str] = None, customer: Optional[str] = None,
               stream: Optional[str] = None, on_wait: Optional[Callable[[WaybillError, float], None]] = None) -> EventStream:
        """The events after a position, then those that come, until it is closed. `on_wait` hears why and for how many seconds it waits
        before it connects again."""
        query = {"type": types, "order": order, "customer": customer, "stream": stream}

        def connect(position: str, timeout: float) -> Stream:
            return self._client.open_stream("/v1/events/stream", {**query, "after": position}, timeout)

        return EventStream(self.end, connect, after, on_wait)


class WebhookEndpoints:
    """Who is told of events by HTTP; `waybill.webhooks.verify` is for the receiver."""

    def __init__(self, client: Waybill) -> None:
        self._client = client

    def list(self) -> Iterator[WebhookEndpoint]:
        return self._client.pages("/v1/webhook-endpoints", {})

    def get(self, endpoint_id: str) -> WebhookEndpoint:
        endpoint: WebhookEndpoint = self._client.request("GET", "/v1/webhook-endpoints/{id}", path={"id": endpoint_id}).json()
        return endpoint

    def create(self, url: str, types: Sequence[str], description: str = "") -> WebhookEndpointWithSecret:
        """The secret is shown only here."""
        body = {"url": url, "types": list(types), "description": description}
        endpoint: WebhookEndpointWithSecret = self._client.request("POST", "/v1/webhook-endpoints", body=body).json()
        return endpoint

    def enable(self, endpoint_id: str, enabled: bool = True) -> WebhookEndpoint:
        """Enabled again, it goes on where it stopped."""
        body = {"status": "enabled" if enabled else "disabled"}
        endpoint: WebhookEndpoint = self._client.request("PATCH", "/v1/webhook-endpoints/{id}", path={"id": endpoint_id}, body=body).json()
        return endpoint

    def rotate_secret(self, endpoint_id: str, overlap_seconds: int = 86400) -> WebhookEndpointWithSecret:
        """During the overlap messages are signed with the old secret too."""
        endpoint: WebhookEndpointWithSecret = self._client.request(
            "POST", "/v1/webhook-endpoints/{id}/rotate-secret", path={"id": endpoint_id}, body={"overlap_seconds": overlap_seconds}).json()
        return endpoint

    def test(self, endpoint_id: str) -> WebhookTestResult:
        """Sends a message of the type `webhook.test` now, and returns what the receiver answered."""
        result: WebhookTestResult = self._client.request("POST", "/v1/webhook-endpoints/{id}/test", path={"id": endpoint_id},
                                                         may_repeat=True).json()
        return result

    def delete(self, endpoint_id: str) -> None:
        self._client.request("DELETE", "/v1/webhook-endpoints/{id}", path={"id": endpoint_id})
