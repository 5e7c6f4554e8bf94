"""Rights that end while a socket is open.

Whoever serves a long-lived connection watches its actor's rights here, and is called when they end: the
session was ended or has expired, or the guest token was renewed. Lives on the event loop's thread.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from hotelmate.identity.actors import Actor, GuestActor, StaffActor

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A log-in session was ended."""

    session_id: int


@dataclass(frozen=True, slots=True)
class GuestTokenRenewed:
    """The guest token signed over `nonce` opens the booking no longer."""

    reference: str
    nonce: str


RightsEnded = SessionEnded | GuestTokenRenewed


class Rights:
    """The rights that somebody is watching, in this process."""

    def __init__(self) -> None:
        self._watchers: defaultdict[RightsEnded, set[Callable[[], None]]] = defaultdict(set)
        # An end can be announced between reading an actor's rights and watching them.
        self._ended: deque[RightsEnded] = deque(maxlen=_REMEMBERED)

    @property
    def watched(self) -> set[RightsEnded]:
        """The ends that somebody is waiting to be told of."""
        return set(self._watchers)

    @contextmanager
    def watch(self, actor: Actor, on_end: Callable[[], None]) -> Iterator[None]:
        """Call `on_end` when the actor's rights end while the block runs; soon if they already have."""
        end = _end_of(actor)
        if end is None:
            yield
            return
        loop = asyncio.get_running_loop()
        timers: list[asyncio.Handle] = [loop.call_later(seconds, on_end) for seconds in _expiry(actor)]
        self._watchers[end].add(on_end)
        if end in self._ended:
            timers.append(loop.call_soon(on_end))
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()
            self._watchers[end].discard(on_end)
            if not self._watchers[end]:
                del self._watchers[end]

    def end(self, ended: RightsEnded) -> None:
        """Tell everybody who watches these rights that they have ended."""
        self._ended.append(ended)
        for on_end in tuple(self._watchers.get(ended, ())):
            on_end()


def _end_of(actor: Actor) -> RightsEnded | None:
    match actor:
        case StaffActor():
            return SessionEnded(actor.session_id)
        case GuestActor():
            return GuestTokenRenewed(actor.reference, actor.nonce)
        case _:
            return None


def _expiry(actor: Actor) -> list[float]:
    """The seconds until a session expires; nothing for a guest token, which lasts until it is renewed."""
    if not isinstance(actor, StaffActor):
        return []
    return [max(0.0, (actor.expires_at - datetime.now(UTC)).total_seconds())]
