"""Orders, and how they are paid."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Sequence

from .types import Event, Money, NewLine, NewOrder, Order, OrderDelivery, Payment, Refunds

if TYPE_CHECKING:
    from .client import Waybill


class Orders:
    def __init__(self, client: Waybill) -> None:
        self._client = client

    def place(self, order: NewOrder, *, wait: Optional[int] = None, idempotency_key: Optional[str] = None) -> Order:
        """Returns when the order is stored durably; with `wait` (seconds, at most 30) when stock and payment are decided, or the time is
        over. The order's `status` says how it stands: a declined card is no exception."""
        return self._ask("POST", "/v1/orders", {}, order, wait=wait, idempotency_key=idempotency_key)

    def get(self, order_id: str) -> Order:
        return self._ask("GET", "/v1/orders/{id}", {"id": order_id})

    def list(self, *, status: Optional[Sequence[str]] = None, customer_id: Optional[str] = None, product_id: Optional[str] = None,
             q: Optional[str] = None, created_after: Optional[str] = None, created_before: Optional[str] = None,
             sort: Optional[str] = None) -> Iterator[Order]:
        """One's own orders, of an operator all, newest first; `sort="created_at"`: oldest first."""
        return self._client.pages("/v1/orders", {
            "status": ",".join(status) if status else None, "customer_id": customer_id, "product_id": product_id, "q": q,
            "created_after": created_after, "created_before": created_before, "sort": sort})

    def change(self, order_id: str, *, lines: Optional[List[NewLine]] = None, delivery: Optional[Mapping[str, str]] = None,
               note: Optional[str] = None, if_version: Optional[int] = None, idempotency_key: Optional[str] = None) -> Order:
        """Until it is dispatched. What is not given stays as it is; an empty `note` removes it."""
        body: Dict[str, Any] = {name: value for name, value in (("lines", lines), ("delivery", delivery)) if value is not None}
        if note is not None:
            body["note"] = note or None
        return self._ask("PATCH", "/v1/orders/{id}", {"id": order_id}, body, if_version=if_version, idempotency_key=idempotency_key)

    def cancel(self, order_id: str, reason: Optional[str] = None, *, if_version: Optional[int] = None) -> Order:
        """The status is `cancelled`, or `cancelling` while stock and money are given back. Cancelling twice is no error."""
        body = None if reason is None else {"reason": reason}
        return self._ask("POST", "/v1/orders/{id}/cancel", {"id": order_id}, body, if_version=if_version, may_repeat=True)

    def hold(self, order_id: str, reason: str) -> Order:
        return self._ask("POST", "/v1/orders/{id}/hold", {"id": order_id}, {"reason": reason})

    def release(self, order_id: str, reason: str) -> Order:
        return self._ask("POST", "/v1/orders/{id}/release", {"id": order_id}, {"reason": reason})

    def retry(self, order_id: str, reason: Optional[str] = None, *, idempotency_key: Optional[str] = None) -> Order:
        """Repeats the step that failed, of an order that needs attention."""
        body = {} if reason is None else {"reason": reason}
        return self._ask("POST", "/v1/orders/{id}/retry", {"id": order_id}, body, idempotency_key=idempotency_key)

    def resolve(self, order_id: str, outcome: str, reason: str) -> Order:
        """Closes an order that needs attention, as `completed` or `cancelled`."""
        return self._ask("POST", "/v1/orders/{id}/resolve", {"id": order_id}, {"outcome": outcome, "reason": reason})

    def pay(self, order_id: str, token: str, *, method: str = "card", wait: Optional[int] = None,
            idempotency_key: Optional[str] = None) -> Order:
        """Pays an order that was placed with the method `deferred`; as often as you ask, once."""
        return self._ask("POST", "/v1/orders/{id}/payment", {"id": order_id}, {"method": method, "token": token}, wait=wait,
                         idempotency_key=idempotency_key)

    def payment(self, order_id: str) -> Payment:
        payment: Payment = self._client.request("GET", "/v1/orders/{id}/payment", path={"id": order_id}).json()
        return payment

    def refund(self, order_id: str, reason: str, amount: Optional[Money] = None, *, idempotency_key: Optional[str] = None) -> Refunds:
        """Gives money back; without `amount` all that is left. Returns all refunds of the order."""
        body: Dict[str, Any] = {"reason": reason} if amount is None else {"reason": reason, "amount": amount}
        refunds: Refunds = self._client.request("POST", "/v1/orders/{id}/refunds", path={"id": order_id}, body=body,
                                                idempotency_key=idempotency_key).json()
        return refunds

    def refunds(self, order_id: str) -> Refunds:
        refunds: Refunds = self._client.request("GET", "/v1/orders/{id}/refunds", path={"id": order_id}).json()
        return refunds

    def delivery(self, order_id: str) -> OrderDelivery:
        delivery: OrderDelivery = self._client.request("GET", "/v1/orders/{id}/delivery", path={"id": order_id}).json()
        return delivery

    def events(self, order_id: str, *, types: Sequence[str] = ()) -> Iterator[Event]:
        """What happened to the order so far, with its payment and its delivery."""
        return self._client.pages("/v1/orders/{id}/events", {"type": types}, path={"id": order_id}, cursor="after")

    def _ask(self, method: str, route: str, path: Mapping[str, str], body: object = None, **options: Any) -> Order:
        order: Order = self._client.request(method, route, path=path, body=body, **options).json()
        return order
