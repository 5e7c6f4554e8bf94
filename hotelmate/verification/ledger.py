"""What receivers wrote down: read line by line, and remembered as a bit for each event.

Source:
    docs/operating.md, "A ledger", has the format.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from hotelmate.bridge import names
from hotelmate.bridge.names import ChannelKind
from hotelmate.events import cursor as cursors
from hotelmate.events.cursor import MalformedCursor
from hotelmate.models import Hotel
from hotelmate.verification.findings import Hole, HoleKind
from hotelmate.verification.numbers import Numbers


class Line(BaseModel):
    """One line: an event that was received (`cursor`), or what the receiver was to receive."""

    model_config = ConfigDict(extra="ignore")

    receiver: str
    cursor: str | None = None
    channel: str | None = None
    after: str | None = None
    until: str | None = None
    types: frozenset[str] | None = None
    channels: frozenset[str] | None = None


@dataclass(slots=True)
class Received:
    """What a receiver has of one hotel: of Pusher for each kind of channel, else under None."""

    numbers: dict[ChannelKind | None, Numbers] = field(default_factory=dict)
    highest: int = 0
    after: int | None = None
    until: int | None = None


@dataclass(slots=True)
class Receiver:
    """Whoever wrote lines under a name; `is_pusher` when events came to it on channels."""

    name: str
    is_pusher: bool = False
    types: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    of_hotels: dict[int, Received] = field(default_factory=dict)

    def of(self, hotel_id: int) -> Received:
        """What it has of a hotel."""
        return self.of_hotels.setdefault(hotel_id, Received())


class Ledger:
    """All that receivers wrote down."""

    def __init__(self, hotels: Iterable[Hotel]) -> None:
        self._hotels: Mapping[str, Hotel] = {hotel.epoch: hotel for hotel in hotels}
        self._receivers: dict[str, Receiver] = {}

    @property
    def receivers(self) -> Iterable[Receiver]:
        """Everybody who wrote a line."""
        return self._receivers.values()

    def read(self, lines: Iterable[bytes]) -> Iterator[Hole]:
        """Take all lines in their order; what came twice or out of order shows at once."""
        for number, text in enumerate(lines, start=1):
            try:
                yield from self._take(_parsed(text), number)
            except _Unusable as error:
                yield Hole(HoleKind.LEDGER_UNREADABLE, None, f"line {number} of the ledger: {error}")

    def _take(self, line: Line, number: int) -> Iterator[Hole]:
        receiver = self._receivers.setdefault(line.receiver, Receiver(line.receiver))
        if line.types is not None:
            receiver.types = line.types
        if line.channels is not None:
            receiver.is_pusher, receiver.channels = True, line.channels
        for bound in ("after", "until"):
            if (text := getattr(line, bound)) is not None:
                hotel, seq = self._place(text)
                setattr(receiver.of(hotel.id), bound, seq)
        if line.cursor is not None:
            hotel, seq = self._place(line.cursor)
            kind = None
            if line.channel is not None:
                receiver.is_pusher = True
                channel = names.parse(line.channel)
                if channel is None:
                    raise _Unusable(f"{line.channel} is no channel of ours")
                kind = channel.kind
            yield from _received(receiver, hotel, kind, seq, number)

    def _place(self, text: str) -> tuple[Hotel, int]:
        try:
            place = cursors.parse(text)
        except MalformedCursor:
            raise _Unusable(f"{text} is no cursor") from None
        hotel = self._hotels.get(place.epoch)
        if hotel is None:
            raise _Unusable(f"the cursor {text} is of another history, or of no hotel here")
        if place.seq > hotel.seq:
            raise _Unusable(f"event {place.seq} of {hotel.slug} was received, and is not in the log")
        return hotel, place.seq


class _Unusable(Exception):
    """The line says nothing, or speaks of something that is not here."""


def _parsed(text: bytes) -> Line:
    try:
        return Line.model_validate(orjson.loads(text))
    except orjson.JSONDecodeError:
        raise _Unusable("this is no JSON") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise _Unusable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _received(
    receiver: Receiver, hotel: Hotel, kind: ChannelKind | None, seq: int, line: int
) -> Iterator[Hole]:
    received = receiver.of(hotel.id)
    if received.after is None and not receiver.is_pusher:
        received.after = seq - 1
    is_new = received.numbers.setdefault(kind, Numbers()).add(seq)
    says = f"event {seq} came to {receiver.name}"
    if not is_new and not receiver.is_pusher:
        yield Hole(HoleKind.DOUBLED, hotel.slug, f"{says} again in line {line}")
    if is_new and seq < received.highest:
        after = f"after event {received.highest}, in line {line}"
        yield Hole(HoleKind.OUT_OF_ORDER, hotel.slug, f"{says} {after}")
    received.highest = max(received.highest, seq)
