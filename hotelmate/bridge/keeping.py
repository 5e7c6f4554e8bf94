"""Keep a hotel's lease for a moment after its last event.

Where something has just happened, the next event often follows at once. While the lease is kept, that event
needs no new lease and no read of the log, and the cursor is written only now and then. Lives on the event
loop's thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import count

from hotelmate.bridge.progress import Progress
from hotelmate.events.log import Event

# Of each hotel; what does not fit is read from the log.
_MOST_HEARD = 100


class KeptHotels:
    """The hotels whose lease is held although nothing is being delivered for them at the moment."""

    def __init__(self, *, seconds: float, attend: Callable[[int], None]) -> None:
        """Keep each hotel for so many seconds; then `attend` is called, which has to give its lease back."""
        self._seconds = seconds
        self._attend = attend
        self._kept: dict[int, Progress] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def keep(self, progress: Progress) -> None:
        """Keep a hotel until it is taken."""
        hotel_id = progress.hotel_id
        self._kept[hotel_id] = progress
        loop = asyncio.get_running_loop()
        self._timers[hotel_id] = loop.call_later(self._seconds, self._attend, hotel_id)

    def __contains__(self, hotel_id: int) -> bool:
        """Whether a hotel is kept at present."""
        return hotel_id in self._kept

    def holds(self, progress: Progress) -> bool:
        """Whether it is by this progress that its hotel is kept."""
        return self._kept.get(progress.hotel_id) is progress

    def take(self, hotel_id: int) -> Progress | None:
        """Take a hotel out to go on with it; None when it is not kept."""
        progress = self._kept.pop(hotel_id, None)
        if progress is not None:
            self._timers.pop(hotel_id).cancel()
        return progress

    def take_all(self) -> list[Progress]:
        """Take every hotel out."""
        return [progress for hotel_id in list(self._kept) if (progress := self.take(hotel_id))]


class HeardEvents:
    """Events announced to this process, by hotel, until they are delivered: they need not be read again."""

    def __init__(self) -> None:
        self._events: dict[int, deque[Event]] = {}

    def add(self, event: Event) -> None:
        """Keep an event until it is asked for; order and repeats do not matter."""
        self._events.setdefault(event.hotel_id, deque(maxlen=_MOST_HEARD)).append(event)

    def take(self, hotel_id: int) -> list[Event]:
        """Return the events that were announced for a hotel, oldest first, and forget them."""
        return sorted(self._events.pop(hotel_id, ()), key=lambda event: event.seq)


def following(events: list[Event], position: int) -> list[Event] | None:
    """Return the events that follow a number; None when some are missing, so that the log must be read."""
    ahead = [event for event in events if event.seq > position]
    are_whole = all(event.seq == seq for event, seq in zip(ahead, count(position + 1), strict=False))
    return ahead if ahead and are_whole else None
