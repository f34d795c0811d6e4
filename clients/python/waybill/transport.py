"""Requests and answers over HTTP/1.1, each sent once."""
from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections import deque
from typing import Any, Deque, Dict, Iterable, Mapping, Optional, Tuple, Union
from urllib.parse import quote, urlencode, urlsplit

from .problems import Unreachable, problem_of

Connection = Union[http.client.HTTPConnection, http.client.HTTPSConnection]
#: A value of the query; None is left out, a list is repeated.
QueryValue = Union[None, str, int, bool, Iterable[str]]
#: Of connections that wait for the next request.
MOST_IDLE = 16


class Answer:
    """An answer of success. Names of headers are in lower case."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        """What the body says; None when there is none."""
        return json.loads(self.body) if self.body else None


class Stream:
    """An answer that does not end."""

    def __init__(self, connection: Connection, answer: http.client.HTTPResponse, sock: socket.socket) -> None:
        self._connection, self._answer, self._sock = connection, answer, sock

    def readline(self) -> bytes:
        """Raises Unreachable when the connection is lost, or nothing came in time."""
        try:
            return self._answer.readline()
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable(f"the event stream broke: {error!r}", sent=True) from error

    def interrupt(self) -> None:
        """Ends it for the thread that reads; any thread may call this."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It is closed already.

    def close(self) -> None:
        self._answer.close()
        self._connection.close()
        self._sock.close()


class Transport:
    """The node's address and the connections to it. Threads may share it."""

    def __init__(self, url: str, timeout: float, tls: Optional[ssl.SSLContext]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"not the address of a node: {url!r}; it looks like https://shop.example.com")
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._base = parts.path.rstrip("/")
        self._host, self._port = parts.hostname, parts.port
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._idle: Deque[Connection] = deque()

    def connect(self, timeout: Optional[float] = None) -> Connection:
        """A new connection, which the caller closes. `timeout`, in seconds, is for each wait on the socket."""
        limit = self.timeout if timeout is None else timeout
        connection: Connection
        if self._tls:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=limit, context=self._tls)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=limit)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise Unreachable(f"{self.url} cannot be reached: {error}", sent=False) from error
        if connection.sock:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self, method: str, target: str, headers: Mapping[str, str], body: Optional[bytes], *, timeout: Optional[float],
             may_repeat: bool) -> Answer:
        """Sends a request, once. Raises Problem for what was refused, Unreachable when no whole answer came.

        A connection that was used before may have been closed by the node meanwhile: then a new one is tried at once. What must not
        be sent twice (`may_repeat` false) gets a new one from the beginning.
        """
        used = self._take(timeout) if may_repeat else None
        if used:
            try:
                return self._send_by(used, method, target, headers, body)
            except Unreachable as lost:
                if not isinstance(lost.__cause__, ConnectionError):
                    raise
        return self._send_by(self.connect(timeout), method, target, headers, body)

    def _send_by(self, connection: Connection, method: str, target: str, headers: Mapping[str, str], body: Optional[bytes]) -> Answer:
        try:
            connection.request(method, self._base + target, body, dict(headers))
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Unreachable(f"no answer to {method} {target} from {self.url}: {error!r}", sent=True) from error
        if answer.will_close or len(self._idle) >= MOST_IDLE:
            connection.close()
        else:
            self._idle.append(connection)
        names = lower(answer.getheaders())
        if not 200 <= answer.status < 300:
            raise problem_of(answer.status, names, content)
        return Answer(answer.status, names, content)

    def open_stream(self, target: str, headers: Mapping[str, str], timeout: float) -> Stream:
        """Sends a GET whose answer does not end. Raises as `send`; `timeout`, in seconds, is for each wait on the socket."""
        connection = self.connect(timeout)
        # http.client forgets it when the node says that it will close the connection.
        sock = connection.sock
        try:
            connection.request("GET", self._base + target, None, dict(headers))
            answer = connection.getresponse()
            if answer.status == 200 and sock:
                return Stream(connection, answer, sock)
            problem = problem_of(answer.status, lower(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Unreachable(f"no answer to GET {target} from {self.url}: {error!r}", sent=True) from error
        connection.close()
        raise problem

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self, timeout: Optional[float]) -> Optional[Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            return None
        if connection.sock:
            connection.sock.settimeout(self.timeout if timeout is None else timeout)
        return connection


def lower(headers: Iterable[Tuple[str, str]]) -> Dict[str, str]:
    return {name.lower(): value for name, value in headers}


def target_of(template: str, path: Mapping[str, str], query: Mapping[str, QueryValue]) -> str:
    """`/v1/orders/{id}` and what belongs into it, as it stands in a request."""
    target = template
    for name, value in path.items():
        target = target.replace("{" + name + "}", quote(value, safe=""))
    pairs = []
    for name, given in query.items():
        if given is None:
            continue
        if isinstance(given, bool):
            pairs.append((name, "true" if given else "false"))
        elif isinstance(given, (str, int)):
            pairs.append((name, str(given)))
        else:
            pairs += [(name, one) for one in given]
    return target + ("?" + urlencode(pairs) if pairs else "")
