"""Each event that a receiver was to have is in its ledger."""

from collections.abc import Iterator, Set

from hotelmate.bridge.legacy import Legacy
from hotelmate.bridge.names import ChannelKind
from hotelmate.events.catalogue import EventData
from hotelmate.events.log import Event
from hotelmate.models import Hotel
from hotelmate.verification.findings import Hole, HoleKind
from hotelmate.verification.ledger import Ledger, Received, Receiver
from hotelmate.verification.recorded import Recorded

DeadLetters = Set[tuple[int, str]]
"""By the id of the event and the channel."""


class Receipts:
    """Follows a hotel's events, and looks each up in the ledger."""

    def __init__(
        self, ledger: Ledger, legacy: Legacy, hotel: Hotel, *, delivered_seq: int, dead_letters: DeadLetters
    ) -> None:
        self._hotel = hotel
        self._legacy = legacy
        self._delivered_seq = delivered_seq
        self._dead_letters = dead_letters
        self._receivers = [
            (receiver, receiver.of(hotel.id))
            for receiver in ledger.receivers
            if receiver.is_pusher or hotel.id in receiver.of_hotels
        ]

    def take(self, recorded: Recorded) -> Iterator[Hole]:
        """Look at the next event."""
        for receiver, received in self._receivers:
            after = received.after or 0
            until = self._hotel.seq if received.until is None else received.until
            if not after < recorded.seq <= until:
                continue
            if receiver.is_pusher:
                yield from self._of_pusher(receiver, received, recorded)
            elif not _has(received, None, recorded) and recorded.type in (receiver.types or {recorded.type}):
                yield self._lost(recorded, receiver)

    def _of_pusher(self, receiver: Receiver, received: Received, recorded: Recorded) -> Iterator[Hole]:
        if recorded.data is None or recorded.seq > self._delivered_seq:
            return
        for channel in self._legacy.channels_of(self._event(recorded, recorded.data)):
            name = str(channel)
            is_wanted = receiver.channels is None or name in receiver.channels
            is_dead = (recorded.id, name) in self._dead_letters
            if is_wanted and not is_dead and not _has(received, channel.kind, recorded):
                yield self._lost(recorded, receiver, f" on {name}")

    def _event(self, recorded: Recorded, data: EventData) -> Event:
        hotel = self._hotel
        return Event(recorded.id, hotel.id, hotel.slug, hotel.epoch, recorded.seq, recorded.occurred_at, data)

    def _lost(self, recorded: Recorded, receiver: Receiver, where: str = "") -> Hole:
        says = f"event {recorded.seq} never came to {receiver.name}{where}"
        return Hole(HoleKind.LOST, self._hotel.slug, says)


def _has(received: Received, kind: ChannelKind | None, recorded: Recorded) -> bool:
    numbers = received.numbers.get(kind)
    return numbers is not None and recorded.seq in numbers
