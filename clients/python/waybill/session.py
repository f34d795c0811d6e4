"""Who asks: a service key, or somebody who has signed in, whose tokens are renewed."""
from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from .problems import Problem, WaybillError
from .types import Session

#: Seconds before its end at which an access token is renewed, but not before half of its life.
MARGIN = 60.0
#: Seconds after which renewing is tried again while the old token still holds.
PAUSE = 5.0


class Credentials:
    """Gives the token for each request. Threads may share it; only one of them renews.

    `trade` trades a refresh token for new ones at the node, and tries for as many seconds as it is told. `tell` hears of each new session, and of None when it has ended: keep
    its refresh token to go on after a restart. `tell` is called in the thread that signed in, or that found the token to be old.
    """

    def __init__(self, trade: Callable[[str, float], Session], tell: Optional[Callable[[Optional[Session]], None]],
                 service_key: Optional[str], refresh_token: Optional[str], patience: float) -> None:
        self._trade, self._tell = trade, tell
        self._service_key = service_key
        self._refresh_token = refresh_token
        self._patience = patience
        self._access_token: Optional[str] = None
        self._renew_at = self._ends_at = 0.0
        #: Requests without a token would be somebody else's: on a node with --auth=demo even an admin's.
        self._has_ended = False
        self._lock = threading.Lock()

    def token(self) -> Optional[str]:
        """The token to send; None when nobody has signed in. Renews one that ends soon."""
        if self._service_key is not None:
            return self._service_key
        with self._lock:
            if self._has_ended:
                raise Problem(401, "unauthenticated", "the session has ended: sign in again")
            now = time.monotonic()
            if self._refresh_token is not None and now >= self._ends_at:
                self._renew(self._patience)
            elif self._refresh_token is not None and now >= self._renew_at:
                self._renew_early(now)
            return self._access_token

    def token_after(self, refused: Optional[str]) -> Optional[str]:
        """Another token than the one that the node has `refused`; None when there is none."""
        if self._service_key is not None or refused is None:
            return None
        with self._lock:
            # Another thread may have renewed it meanwhile.
            if self._access_token == refused and self._refresh_token is not None:
                self._renew(self._patience)
            return self._access_token if self._access_token != refused else None

    def begin(self, session: Session) -> None:
        with self._lock:
            self._service_key = None
            self._take(session)

    def end(self) -> Optional[str]:
        """Forgets the session, and gives its refresh token, for the node to end it too."""
        with self._lock:
            token = self._refresh_token
            self._forget()
            self._has_ended = False
            return token

    def _renew_early(self, now: float) -> None:
        """While the account cannot be asked, the token still holds."""
        try:
            self._renew(0)
        except WaybillError:
            if self._has_ended:
                raise
            self._renew_at = min(self._ends_at, now + PAUSE)

    def _renew(self, patience: float) -> None:
        assert self._refresh_token is not None
        try:
            self._take(self._trade(self._refresh_token, patience))
        except Problem as problem:
            if problem.status in (400, 401, 422):
                self._forget()
                self._has_ended = True
            raise

    def _take(self, session: Session) -> None:
        life = float(session["expires_in"])
        self._has_ended = False
        self._access_token = session["access_token"]
        self._refresh_token = session["refresh_token"]
        self._ends_at = time.monotonic() + life
        self._renew_at = self._ends_at - min(MARGIN, life / 2)
        if self._tell:
            self._tell(session)

    def _forget(self) -> None:
        had = self._refresh_token is not None
        self._access_token = self._refresh_token = None
        if had and self._tell:
            self._tell(None)
