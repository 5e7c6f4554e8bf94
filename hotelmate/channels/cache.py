"""The last event of each cache channel, kept for a while, whether or not somebody is subscribed.

Source:
    Pusher docs, "Cache channels": up to 30 minutes, and client events are never kept.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CachedEvent:
    """An event's name, and the data that it carried."""

    event: str
    data: str
    expires_at: float


class EventCache:
    """One event per channel. Expired ones are dropped as others come in, so it never grows by itself."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._events: dict[str, CachedEvent] = {}

    def keep(self, channel: str, *, event: str, data: str) -> None:
        """Keep this event in place of the channel's last."""
        self._drop_expired()
        # Taken out first, so that the dictionary stays in the order of expiry.
        self._events.pop(channel, None)
        self._events[channel] = CachedEvent(event, data, expires_at=self._clock() + self._seconds)

    def get(self, channel: str) -> CachedEvent | None:
        """Return the channel's last event unless it has expired."""
        cached = self._events.get(channel)
        return cached if cached is not None and cached.expires_at > self._clock() else None

    def seconds_left(self, cached: CachedEvent) -> int:
        """Tell for how many whole seconds an event will still be kept."""
        return int(cached.expires_at - self._clock())

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._events:
            channel, oldest = next(iter(self._events.items()))
            if oldest.expires_at > now:
                return
            del self._events[channel]
