"""A short cache of whom a session's credentials stand for: most requests come from the same few screens.

A session that ends in this process, or whose end another process announces, is forgotten at once. One that is
ended without a word, as by a command of the command line, is forgotten within `KNOWN_SECONDS`.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from hotelmate.database import Database, Reading
from hotelmate.identity.actors import Actor, Anonymous, StaffActor
from hotelmate.identity.credentials import authenticate
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.rights import SessionEnded

KNOWN_SECONDS = 1.0

_MOST_KNOWN = 4096
_ENDS_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class _Known:
    actor: StaffActor
    until: float


class KnownSessions:
    """The sessions that were looked up last. Any thread may ask."""

    def __init__(self, database: Database) -> None:
        """Begin empty. Sessions that a transaction ends are forgotten before the transaction returns."""
        self._known: dict[str, _Known] = {}
        self._ended: deque[int] = deque(maxlen=_ENDS_REMEMBERED)
        self._lock = Lock()
        database.on_commit(self._forget_ended)

    def authenticate(
        self,
        reading: Callable[[], Reading],
        credentials: str | None,
        *,
        guest_tokens: GuestTokens,
        at: datetime,
    ) -> Actor:
        """Return whoever an `Authorization` header names; `reading` is opened only to look them up.

        Raises:
            Unauthenticated: the header is not understood, or its token opens nothing (any more).
        """
        if not credentials:
            return Anonymous()
        known = self.get(credentials, at=at)
        if known is not None:
            return known
        actor = authenticate(reading(), credentials, guest_tokens=guest_tokens, at=at)
        self.keep(credentials, actor)
        return actor

    def get(self, credentials: str, *, at: datetime) -> StaffActor | None:
        """Return whom these credentials stand for; None when they are not in the cache."""
        known = self._known.get(credentials)
        if known is None or known.until < time.monotonic() or known.actor.expires_at <= at:
            return None
        return known.actor

    def keep(self, credentials: str, actor: Actor) -> None:
        """Remember whom credentials stand for, if it is by a session that has not ended meanwhile."""
        if not isinstance(actor, StaffActor):
            return
        with self._lock:
            if actor.session_id in self._ended:
                return
            self._known.pop(credentials, None)
            self._known[credentials] = _Known(actor, time.monotonic() + KNOWN_SECONDS)
            if len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]

    def end(self, ended: SessionEnded) -> None:
        """Forget a session for good."""
        with self._lock:
            self._ended.append(ended.session_id)
            for credentials, known in list(self._known.items()):
                if known.actor.session_id == ended.session_id:
                    del self._known[credentials]

    def _forget_ended(self, notices: Sequence[object]) -> None:
        for notice in notices:
            if isinstance(notice, SessionEnded):
                self.end(notice)
