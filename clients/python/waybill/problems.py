"""What can go wrong, as exceptions."""
from __future__ import annotations

import json
from typing import Any, List, Mapping, NamedTuple, Optional


class WaybillError(Exception):
    """Whatever this library raises."""


class WrongValue(NamedTuple):
    """A value that was refused. `pointer` is a JSON pointer (RFC 6901) into the body, or the name of a parameter."""

    pointer: str
    detail: str


class Problem(WaybillError):
    """The node refused a request (RFC 9457).

    Decide by `code`, a stable word ("not_found", "illegal_transition", ...; an unknown one means what `status` means). `detail` is
    for people. `request_id` and `trace_id` find the request in the node's logs and traces.
    """

    def __init__(self, status: int, code: str, detail: str, *, title: str = "", instance: str = "", request_id: str = "",
                 trace_id: str = "", errors: Optional[List[WrongValue]] = None, retry_after: Optional[float] = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.title = title
        self.instance = instance
        self.request_id = request_id
        self.trace_id = trace_id
        self.errors = errors or []
        #: Seconds after which the request may be sent again; None when the node does not say.
        self.retry_after = retry_after

    def __str__(self) -> str:
        wrong = "".join(f"; {one.pointer} {one.detail}" for one in self.errors)
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.status} {self.code}: {self.detail}{wrong}{request}"


class Unreachable(WaybillError):
    """No answer came. `sent` is false when the request cannot have reached the node: then nothing was done."""

    def __init__(self, detail: str, sent: bool) -> None:
        super().__init__(detail)
        self.sent = sent


class BadSignature(WaybillError):
    """A webhook's message that is not from the node, or not from now: answer 400, and do not read it."""


def problem_of(status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """The problem that an answer tells of. `headers` have names in lower case. A proxy in between answers what it likes."""
    try:
        told: Any = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("code"), str):
        told = {"code": "unavailable" if status in (502, 503, 504) else "internal", "detail": f"HTTP status {status}, without a problem"}
    errors = [WrongValue(str(one["pointer"]), str(one["detail"])) for one in told.get("errors", [])]
    return Problem(status, told["code"], str(told.get("detail", "")), title=str(told.get("title", "")),
                   instance=str(told.get("instance", "")), request_id=str(told.get("request_id", headers.get("x-request-id", ""))),
                   trace_id=_trace_of(headers.get("traceparent", "")), errors=errors,
                   retry_after=_seconds_of(headers.get("retry-after", "")))


def _trace_of(traceparent: str) -> str:
    """W3C Trace Context, section 3.2: version-trace-parent-flags."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) >= 4 else ""


def _seconds_of(retry_after: str) -> Optional[float]:
    """RFC 9110, section 10.2.3. Waybill sends seconds; a date, which a proxy may send, counts as no word."""
    return float(retry_after) if retry_after.isdigit() else None
