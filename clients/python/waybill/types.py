"""What Waybill takes and gives, as it is in JSON. Made by make_types.py from gateway/openapi.yaml; do not change it.

Later versions of Waybill add members, and words to the texts whose words are listed here: neither is an error.
"""
from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Optional, Tuple, TypedDict


class NewLine(TypedDict):
    product_id: str
    quantity: int


class _NewOrderPaymentAlways(TypedDict):
    method: str


class NewOrderPayment(_NewOrderPaymentAlways, total=False):
    token: str


class Recipient(TypedDict):
    name: str
    address: str


class _NewOrderAlways(TypedDict):
    lines: List[NewLine]
    payment: NewOrderPayment
    delivery: Recipient


class NewOrder(_NewOrderAlways, total=False):
    note: str


class Money(TypedDict):
    amount: int
    currency: str


class OrderLine(TypedDict):
    product_id: str
    sku: str
    name: str
    quantity: int
    unit_price: Money
    total: Money


class OrderPayment(TypedDict):
    method: str


class Person(TypedDict):
    kind: str
    id: str


class OrderHold(TypedDict):
    by: Person
    reason: str
    since: str
    until: str


class _OrderAlways(TypedDict):
    id: str
    customer_id: str
    #: placed, confirmed, fulfilling, completed, rejected, cancelling, cancelled, needs_attention
    status: str
    #: pending, unknown, authorized, declined, captured, voided, refunded, partially_refunded, awaiting
    payment_status: str
    #: none, requested, delivered, failed, cancelled
    fulfillment_status: str
    lines: List[OrderLine]
    total: Money
    payment: OrderPayment
    delivery: Recipient
    note: str
    created_at: str
    updated_at: str
    version: int


class Order(_OrderAlways, total=False):
    pay_by: str
    refunded: Money
    hold: OrderHold
    metadata: Dict[str, Any]
    reason: str


class _RefundAlways(TypedDict):
    id: str
    #: pending, refunded, declined
    status: str
    amount: Money
    reason: str
    by: Person
    requested_at: str


class Refund(_RefundAlways, total=False):
    settled_at: str
    decline_reason: str


class _PaymentAlways(TypedDict):
    order_id: str
    #: pending, authorizing, authorized, declined, capturing, captured, voiding, voided, refunded, partially_refunded, awaiting
    status: str
    method: str
    amount: Money
    authorized: Money
    captured: Money
    refunded: Money
    refunds: List[Refund]


class Payment(_PaymentAlways, total=False):
    reference: str
    decline_reason: str


class Refunds(TypedDict):
    order_id: str
    captured: Money
    refunded: Money
    items: List[Refund]


class _OrderDeliveryAlways(TypedDict):
    order_id: str
    #: none, requested, offered, assigned, started, completed, failed, cancelled
    status: str
    recipient: Recipient
    attempts: int
    courier_id: Optional[str]


class OrderDelivery(_OrderDeliveryAlways, total=False):
    id: str
    reason: str
    requested_at: str
    updated_at: str


class Product(TypedDict):
    id: str
    sku: str
    name: str
    price: Money
    on_hand: int
    reserved: int
    available: int
    created_at: str
    updated_at: str
    version: int


class Courier(TypedDict):
    id: str
    name: str
    user_id: Optional[str]
    online: bool
    capacity: int
    deliveries: List[str]
    created_at: str
    updated_at: str
    version: int


class _DeliveryAlways(TypedDict):
    id: str
    order_id: str
    #: none, requested, offered, assigned, started, completed, failed, cancelled
    status: str
    attempt: int
    reason: Optional[str]
    due_at: Optional[str]
    created_at: str
    updated_at: str
    version: int


class Delivery(_DeliveryAlways, total=False):
    courier_id: Optional[str]
    recipient: Recipient


class Notification(TypedDict):
    id: str
    order_id: Optional[str]
    kind: str
    text: str
    created_at: str
    read_at: Optional[str]


class EventBy(TypedDict):
    kind: str
    id: str


class Event(TypedDict):
    id: str
    position: str
    stream: str
    version: int
    type: str
    schema: int
    occurred_at: str
    correlation_id: str
    causation_id: str
    by: EventBy
    node: str
    data: Dict[str, Any]


class User(TypedDict):
    id: str
    email: str
    name: str
    roles: List[str]
    disabled: bool
    customer_id: str
    created_at: str
    updated_at: str
    version: int


class Session(TypedDict):
    user: User
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int
    refresh_expires_at: str


class ServiceKey(TypedDict):
    id: str
    name: str
    roles: List[str]
    created_by: str
    created_at: str
    expires_at: Optional[str]
    revoked_at: Optional[str]


class WebhookEndpointReplay(TypedDict):
    after: str
    before: str
    types: List[str]
    position: str


class WebhookEndpoint(TypedDict):
    id: str
    url: str
    types: List[str]
    description: str
    #: enabled, disabled
    status: str
    #: operator, gone, failing
    disabled_reason: Optional[str]
    failing_since: Optional[str]
    previous_secret_until: Optional[str]
    replay: Optional[WebhookEndpointReplay]
    position: str
    backlog: int
    last_success_at: Optional[str]
    last_failure_at: Optional[str]
    last_error: Optional[str]
    created_at: str
    updated_at: str
    version: int


class WebhookEndpointWithSecretReplay(TypedDict):
    after: str
    before: str
    types: List[str]
    position: str


class WebhookEndpointWithSecret(TypedDict):
    id: str
    url: str
    types: List[str]
    description: str
    #: enabled, disabled
    status: str
    #: operator, gone, failing
    disabled_reason: Optional[str]
    failing_since: Optional[str]
    previous_secret_until: Optional[str]
    replay: Optional[WebhookEndpointWithSecretReplay]
    position: str
    backlog: int
    last_success_at: Optional[str]
    last_failure_at: Optional[str]
    last_error: Optional[str]
    created_at: str
    updated_at: str
    version: int
    secret: str


class WebhookTestResult(TypedDict):
    delivered: bool
    status: Optional[int]
    error: Optional[str]
    duration_ms: int


class ServiceKeyWithToken(TypedDict):
    key: ServiceKey
    token: str


#: The requests that an Idempotency-Key makes safe to repeat: method and path.
KEYED_ROUTES: FrozenSet[Tuple[str, str]] = frozenset({
    ("POST", "/v1/orders"),
    ("PATCH", "/v1/orders/{id}"),
    ("POST", "/v1/orders/{id}/retry"),
    ("POST", "/v1/orders/{id}/refunds"),
    ("POST", "/v1/orders/{id}/payment"),
    ("POST", "/v1/bulk-actions"),
    ("POST", "/v1/products/{id}/stock"),
    ("POST", "/v1/notifications"),
    ("POST", "/rpc"),
})
