"""When a request is sent again, and after which pause."""
from __future__ import annotations

import random
import time
from typing import Callable, TypeVar

from .problems import Problem, Unreachable, WaybillError

Result = TypeVar("Result")

#: Seconds before the first repetition, and at most; doubled in between.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


def nothing_was_done(error: WaybillError) -> bool:
    """Whether the request had no effect, so that sending it again is safe whatever it asks for.

    Of 503 that is so with the code `overloaded`; with `unavailable` a part of the system may have done it and not answered in time.
    """
    if isinstance(error, Unreachable):
        return not error.sent
    return isinstance(error, Problem) and (error.status == 429 or error.code == "overloaded")


def may_help(error: WaybillError) -> bool:
    """Whether the same request may be answered otherwise a moment later."""
    if isinstance(error, Unreachable):
        return True
    return isinstance(error, Problem) and (error.status in (408, 429, 502, 503, 504) or error.code == "idempotency_in_progress")


class Backoff:
    """Growing pauses with jitter, so that not all clients of a node that restarts come back at once."""

    def __init__(self, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def pause_after(self, error: WaybillError) -> float:
        """Seconds to wait, at least as many as the node asked for."""
        pause = self._next * random.uniform(0.75, 1.25)
        self._next = min(self._next * 2, self._longest)
        asked = error.retry_after if isinstance(error, Problem) else None
        return max(pause, asked or 0.0)

    def reset(self) -> None:
        self._next = self._first


def repeat(send: Callable[[], Result], may_repeat: bool, patience: float) -> Result:
    """Calls `send` until it succeeds, it makes no sense to go on, or `patience` seconds are over; then raises the last error.

    `may_repeat`: whether sending the request twice does what sending it once does.
    """
    end = time.monotonic() + patience
    backoff = Backoff()
    while True:
        try:
            return send()
        except WaybillError as error:
            if not may_help(error) or not (may_repeat or nothing_was_done(error)):
                raise
            pause = backoff.pause_after(error)
            if time.monotonic() + pause > end:
                raise
        time.sleep(pause)
