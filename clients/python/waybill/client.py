"""The client: requests with tokens and repetition, and what can be asked, by resource."""
from __future__ import annotations

import json
import ssl
import uuid
from typing import Any, Callable, Dict, Iterator, Mapping, Optional

from .orders import Orders
from .people import ServiceKeys, Users
from .problems import Problem
from .resources import Couriers, Deliveries, Events, Notifications, Products, WebhookEndpoints
from .retrying import repeat
from .session import Credentials
from .transport import Answer, QueryValue, Stream, Transport, target_of
from .types import KEYED_ROUTES, Session, User

VERSION = "0.1.0"


class Waybill:
    """A node, or a cluster behind one address. Threads may share it.

        waybill = Waybill("https://shop.example.com", service_key="wbk_...")
        order = waybill.orders.place({...}, wait=10)

    `service_key`: the token of a machine. `refresh_token`: of a session that goes on. Without both, `sign_in`, or ask only what
    everybody may.
    `on_session` is called with each new session, and with None when it ends; store its refresh token if you want to go on after a
    restart.
    `timeout`: seconds for each wait on the socket. `patience`: seconds in which a request is sent again after a loss of the
    connection, 429 or 503 (and as long as Retry-After says), if sending it twice does what sending it once does. Requests that
    take an idempotency key get one each, unless you bring yours: bring it when you may ask again after a restart of your program.
    `tls`: whom to believe, as `ssl.create_default_context(cafile="...")` makes it.

    Whatever fails raises WaybillError: Problem or Unreachable.
    """

    def __init__(self, url: str, *, service_key: Optional[str] = None, refresh_token: Optional[str] = None,
                 on_session: Optional[Callable[[Optional[Session]], None]] = None, timeout: float = 40.0, patience: float = 30.0,
                 tls: Optional[ssl.SSLContext] = None) -> None:
        self.patience = patience
        self._transport = Transport(url, timeout, tls)
        self._credentials = Credentials(self._trade, on_session, service_key, refresh_token, patience)
        self.orders = Orders(self)
        self.products = Products(self)
        self.couriers = Couriers(self)
        self.deliveries = Deliveries(self)
        self.notifications = Notifications(self)
        self.events = Events(self)
        self.webhook_endpoints = WebhookEndpoints(self)
        self.users = Users(self)
        self.service_keys = ServiceKeys(self)

    def __enter__(self) -> Waybill:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that wait for requests; the client may be used further."""
        self._transport.close()

    # -- who asks -------------------------------------------------------------------------------------------------------

    def sign_in(self, email: str, password: str) -> User:
        return self._begin("/v1/auth/login", {"email": email, "password": password}, may_repeat=True)

    def register(self, email: str, password: str, name: str) -> User:
        """Makes an account with the role customer, and signs in."""
        return self._begin("/v1/auth/register", {"email": email, "password": password, "name": name}, may_repeat=False)

    def sign_out(self) -> None:
        """Ends the session, at the node as well."""
        token = self._credentials.end()
        if token is not None:
            self._send("POST", "/v1/auth/logout", self._headers(None, {}), {"refresh_token": token}, may_repeat=True)

    def me(self) -> Dict[str, Any]:
        """The caller: a User, or a service key's `id`, `kind`, `customer_id` and `roles`."""
        caller: Dict[str, Any] = self.request("GET", "/v1/me").json()
        return caller

    def token(self) -> Optional[str]:
        """The token that a request would be sent with now, for other protocols (docs/doors.md)."""
        return self._credentials.token()

    # -- requests -------------------------------------------------------------------------------------------------------

    def request(self, method: str, route: str, *, path: Optional[Mapping[str, str]] = None,
                query: Optional[Mapping[str, QueryValue]] = None, body: object = None, idempotency_key: Optional[str] = None,
                if_version: Optional[int] = None, wait: Optional[int] = None, may_repeat: Optional[bool] = None) -> Answer:
        """Any request of the API: `request("POST", "/v1/orders/{id}/hold", path={"id": order_id}, body={"reason": "..."})`.

        `if_version`: only if the resource still has this version (412 `version_mismatch` otherwise). `wait`: seconds that the node
        may wait for the outcome (`Prefer: wait`). `may_repeat`: whether sending it twice is safe; without, it is for whatever has an
        idempotency key, and for every method but POST without `if_version`.
        """
        headers: Dict[str, str] = {}
        keyed = (method, route) in KEYED_ROUTES
        if keyed:
            headers["Idempotency-Key"] = idempotency_key or uuid.uuid4().hex
        elif idempotency_key is not None:
            raise ValueError(f"{method} {route} takes no idempotency key")
        if if_version is not None:
            headers["If-Match"] = f'"{if_version}"'
        if wait is not None:
            headers["Prefer"] = f"wait={wait}"
        target = target_of(route, path or {}, query or {})
        timeout = None if wait is None else max(self._transport.timeout, wait + 10.0)
        # With `if_version`, a change whose answer was lost would be refused the second time as if somebody else had made it.
        safe = (keyed or method != "POST" and (method == "GET" or if_version is None)) if may_repeat is None else may_repeat

        def send() -> Answer:
            token = self._credentials.token()
            try:
                return self._once(method, target, self._headers(token, headers), body, timeout, safe)
            except Problem as problem:
                fresh = self._credentials.token_after(token) if problem.status == 401 else None
                if fresh is None:
                    raise
            return self._once(method, target, self._headers(fresh, headers), body, timeout, safe)

        return repeat(send, safe, self.patience)

    def pages(self, route: str, query: Mapping[str, QueryValue], *, path: Optional[Mapping[str, str]] = None,
              cursor: str = "cursor") -> Iterator[Any]:
        """The items of a list, page after page, as you take them. `cursor`: the parameter that `next_cursor` is given as."""
        place: Optional[str] = None
        while True:
            asked: Dict[str, QueryValue] = dict(query)
            if place is not None:
                asked[cursor] = place
            page = self.request("GET", route, path=path, query=asked).json()
            yield from page["items"]
            place = page["next_cursor"]
            if place is None:
                return

    def open_stream(self, route: str, query: Mapping[str, QueryValue], timeout: float) -> Stream:
        """A stream of Server-Sent Events, once; `events.follow` is what you want."""
        target = target_of(route, {}, query)
        token = self._credentials.token()
        accept = {"Accept": "text/event-stream"}
        try:
            return self._transport.open_stream(target, self._headers(token, accept), timeout)
        except Problem as problem:
            fresh = self._credentials.token_after(token) if problem.status == 401 else None
            if fresh is None:
                raise
        return self._transport.open_stream(target, self._headers(fresh, accept), timeout)

    def _headers(self, token: Optional[str], more: Mapping[str, str]) -> Dict[str, str]:
        headers = {"User-Agent": f"waybill-python/{VERSION}", "Accept": "application/json", **more}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def _once(self, method: str, target: str, headers: Dict[str, str], body: object, timeout: Optional[float],
              may_repeat: bool) -> Answer:
        octets = None
        if body is not None:
            octets = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        return self._transport.send(method, target, headers, octets, timeout=timeout, may_repeat=may_repeat)

    def _send(self, method: str, target: str, headers: Dict[str, str], body: object, *, may_repeat: bool,
              patience: Optional[float] = None) -> Answer:
        """Without the token of a session."""
        return repeat(lambda: self._once(method, target, headers, body, None, may_repeat), may_repeat,
                      self.patience if patience is None else patience)

    def _begin(self, route: str, body: Mapping[str, str], may_repeat: bool) -> User:
        session: Session = self._send("POST", route, self._headers(None, {}), body, may_repeat=may_repeat).json()
        self._credentials.begin(session)
        return session["user"]

    def _trade(self, refresh_token: str, patience: float) -> Session:
        # Repeated when the answer was lost: the node gives the same new token again for some seconds.
        session: Session = self._send("POST", "/v1/auth/refresh", self._headers(None, {}), {"refresh_token": refresh_token},
                                      may_repeat=True, patience=patience).json()
        return session
