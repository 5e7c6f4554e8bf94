"""A hotel's log is whole: every number once, ids that grow with them, and nothing that cannot be read."""

from collections.abc import Iterator

from hotelmate.models import Hotel
from hotelmate.verification.findings import Hole, HoleKind
from hotelmate.verification.recorded import Recorded


class LogOrder:
    """Follows a hotel's events from the first that is kept."""

    def __init__(self, hotel: Hotel, *, delivered_seq: int) -> None:
        self._hotel = hotel
        self._delivered_seq = delivered_seq
        self._last: Recorded | None = None
        self.first_seq = hotel.seq + 1
        self.unreadable_ids: list[int] = []

    def take(self, event: Recorded) -> Iterator[Hole]:
        """Look at the next event."""
        last = self._last
        if last is None:
            self.first_seq = event.seq
            yield from self._pruned(up_to=event.seq - 1)
        elif event.seq > last.seq + 1:
            yield self._missing(last.seq + 1, event.seq - 1)
        if last is not None and event.id <= last.id:
            says = f"event {event.seq} has the id {event.id}, and the one before it {last.id}"
            yield Hole(HoleKind.EVENT_OUT_OF_PLACE, self._hotel.slug, says)
        if event.data is None:
            self.unreadable_ids.append(event.id)
            says = f"event {event.seq} cannot be read as {event.type}"
            yield Hole(HoleKind.EVENT_UNREADABLE, self._hotel.slug, says)
        self._last = event

    def end(self) -> Iterator[Hole]:
        """Compare the end of the log with the hotel's count."""
        hotel = self._hotel
        if self._last is None:
            yield from self._pruned(up_to=hotel.seq)
        elif self._last.seq < hotel.seq:
            yield self._missing(self._last.seq + 1, hotel.seq)
        elif self._last.seq > hotel.seq:
            says = f"the log goes on to event {self._last.seq}, and the hotel counts {hotel.seq}"
            yield Hole(HoleKind.EVENT_OUT_OF_PLACE, hotel.slug, says)
        if self._delivered_seq > hotel.seq:
            says = f"the bridge stands at event {self._delivered_seq}, and the hotel counts {hotel.seq}"
            yield Hole(HoleKind.DELIVERY_IMPOSSIBLE, hotel.slug, says)

    def _pruned(self, *, up_to: int) -> Iterator[Hole]:
        """What is not there from the beginning was pruned, which may only be what Pusher has had."""
        if up_to > self._delivered_seq:
            says = f"{_events(self._delivered_seq + 1, up_to)} removed before Pusher had been told"
            yield Hole(HoleKind.EVENT_MISSING, self._hotel.slug, says)

    def _missing(self, first: int, last: int) -> Hole:
        return Hole(HoleKind.EVENT_MISSING, self._hotel.slug, f"{_events(first, last)} missing")


def _events(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"
