"""Whether a webhook's message is from the node (docs/webhooks.md; the format is that of Standard Webhooks)."""
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Mapping, NamedTuple, Optional

from .problems import BadSignature

#: Seconds that a message's time may be off, before or behind.
TOLERANCE = 300


class Message(NamedTuple):
    """A message that was signed. `id` is the same for each attempt: keep those that you have seen. `data` is an Event, but for
    messages of the type `webhook.test`."""

    id: str
    type: str
    timestamp: str
    data: Any


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: Optional[float] = None) -> Message:
    """Checks the signature of `body`, as it came, before it reads it.

    `secret` begins with `whsec_`. Names of headers may be in any case. Raises BadSignature; ValueError for what is no secret.
    `now`, in seconds since 1970, is for tests.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, sent_at = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not message_id or not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
        raise BadSignature("the headers webhook-id and webhook-timestamp are not both there")
    if abs((time.time() if now is None else now) - int(sent_at)) > TOLERANCE:
        raise BadSignature(f"the message is from another time than now: {sent_at}")
    wanted = _sign(secret, f"{message_id}.{sent_at}.".encode() + body)
    # While the secret is changed there are several.
    signatures = [one[3:] for one in given.get("webhook-signature", "").split(" ") if one.startswith("v1,")]
    if not any([hmac.compare_digest(wanted, one.encode()) for one in signatures]):
        raise BadSignature("no signature fits")
    try:
        message = json.loads(body)
        return Message(message_id, message["type"], message["timestamp"], message["data"])
    except (ValueError, TypeError, KeyError) as error:
        raise BadSignature("the body is no message of Waybill") from error


def _sign(secret: str, octets: bytes) -> bytes:
    if not secret.startswith("whsec_"):
        raise ValueError("a webhook's secret begins with whsec_")
    try:
        key = base64.b64decode(secret[len("whsec_"):], validate=True)
    except binascii.Error as error:
        raise ValueError("behind whsec_ a webhook's secret is Base64") from error
    return base64.b64encode(hmac.new(key, octets, hashlib.sha256).digest())
