"""The event log, followed live over Server-Sent Events, and resumed after whatever breaks it."""
from __future__ import annotations

import json
import threading
from typing import Callable, Iterator, List, Optional, Tuple

from .problems import Unreachable, WaybillError, problem_of
from .retrying import Backoff, may_help
from .transport import Stream
from .types import Event

#: Seconds without a word, not even a heartbeat (every 15 s), after which a connection is given up.
QUIET = 45.0
#: Seconds before it connects again, at first and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0


class EventStream(Iterator[Event]):
    """The events of a subscription, as `events.follow` gives them: a loop over it waits for the next one.

    It connects again after a loss, and with new tokens when the old ones end, and goes on behind the last event: none is left out,
    and none comes twice from one stream. Store `position` after the work on an event is done, in the same transaction if you can,
    and give it to `follow` after a restart.

    The loop ends after `close()`, which any thread may call. It raises Problem when the node refuses for good; with the code
    `cursor_expired` events after `position` are gone from the log, and only you know what that means.
    """

    def __init__(self, find_end: Callable[[], str], connect: Callable[[str, float], Stream], after: str,
                 on_wait: Optional[Callable[[WaybillError, float], None]]) -> None:
        self._find_end, self._connect, self._on_wait = find_end, connect, on_wait
        #: Behind which it goes on: "latest" or "earliest" until the node has given a place in the log.
        self.position = after
        self._closed = threading.Event()
        self._stream: Optional[Stream] = None
        self._backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._drop()

    def __next__(self) -> Event:
        while not self._closed.is_set():
            try:
                event = self._read()
            except WaybillError as error:
                self._drop()
                if not self._closed.is_set():
                    self._wait_after(error)
                continue
            self.position = event["position"]
            self._backoff.reset()
            return event
        self._drop()
        raise StopIteration

    def close(self) -> None:
        """Ends the stream; whoever waits for its next event is woken."""
        self._closed.set()
        stream = self._stream
        if stream:
            stream.interrupt()

    def _read(self) -> Event:
        if self._stream is None:
            # A subscription that begins with "latest" and is lost before its first event would miss what came meanwhile.
            if self.position == "latest":
                self.position = self._find_end()
            self._stream = self._connect(self.position, QUIET)
            if self._closed.is_set():
                raise Unreachable("the event stream was closed", sent=False)
        message = read_message(self._stream.readline)
        if message is None:
            # The token has ended, or the node shuts down.
            raise Unreachable("the node ended the event stream", sent=True)
        kind, data = message
        if kind == "error":
            raise problem_of(410, {}, data.encode())
        event: Event = json.loads(data)
        return event

    def _wait_after(self, error: WaybillError) -> None:
        if not may_help(error):
            raise error
        pause = self._backoff.pause_after(error)
        if self._on_wait:
            self._on_wait(error, pause)
        self._closed.wait(pause)

    def _drop(self) -> None:
        if self._stream:
            self._stream.close()
        self._stream = None


def read_message(readline: Callable[[], bytes]) -> Optional[Tuple[str, str]]:
    """The next message of a stream of Server-Sent Events (WHATWG HTML, section 9.2.6): its type and its data.

    Comments and messages without data are passed over. None at the end of the stream; a message that is cut off there is left out.
    """
    kind = "message"
    lines: List[str] = []
    while True:
        octets = readline()
        if not octets:
            return None
        line = octets.decode("utf-8").rstrip("\r\n")
        if not line:
            if lines:
                return kind, "\n".join(lines)
            kind = "message"
            continue
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "event":
            kind = value
        elif field == "data":
            lines.append(value)
