"""Events that happen only for the measurement: each as its hotel's next, and as long as the last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count, cycle

from bench.data import FIRST_SEQ, clock_in, slug
from hotelmate.events.log import Event

_FIRST_ID = 1_000_000
_AT = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)


class Events:
    """Makes one event after the other, for each hotel in turn."""

    def __init__(self, hotels: Sequence[tuple[int, str]]) -> None:
        """Take the hotels' ids and epochs, in the order of their numbers."""
        self._ids = count(_FIRST_ID)
        self._counts = [count(FIRST_SEQ + 1) for _ in hotels]
        self._turns = cycle(list(enumerate(hotels)))

    def next(self) -> tuple[int, Event]:
        """Return the number of a hotel and its next event."""
        number, (hotel_id, epoch) = next(self._turns)
        seq = next(self._counts[number])
        event = Event(
            id=next(self._ids),
            hotel_id=hotel_id,
            hotel_slug=slug(number),
            epoch=epoch,
            seq=seq,
            occurred_at=_AT,
            data=clock_in(_AT),
        )
        return number, event
