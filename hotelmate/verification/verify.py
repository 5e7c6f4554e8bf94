"""Verify hotel by hotel: first the log by itself, then the tables against what the log says."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import func, select, text
from sqlmodel import col

from hotelmate.bridge.legacy import Legacy
from hotelmate.database import Reading
from hotelmate.models import BridgeCursor, DeadLetter, EventRecord, Hotel
from hotelmate.verification.bookings import booking_holes
from hotelmate.verification.clocking import Clocking
from hotelmate.verification.findings import Hole, HotelFindings
from hotelmate.verification.ledger import Ledger
from hotelmate.verification.log_order import LogOrder
from hotelmate.verification.offers import offer_holes
from hotelmate.verification.public_page import PublicPage
from hotelmate.verification.receipts import Receipts
from hotelmate.verification.recorded import events_of

Finding = Hole | HotelFindings
Progress = Callable[[int, int], None]

_TELL_EVERY = 1000
_MOST_LEFT_OUT = 10_000


def verify(
    reading: Reading, legacy: Legacy, *, ledger_lines: Iterable[bytes] = (), progress: Progress
) -> Iterator[Finding]:
    """Yield each hole as it is found, and after each hotel's how that hotel's log stands.

    Args:
        reading: the state that is looked at, throughout.
        legacy: says on which channels events go out.
        ledger_lines: what receivers wrote down.
        progress: is told how many of all events have been looked at.
    """
    if reading.get_bind().dialect.name == "postgresql":
        # Whoever reads the findings may take their time.
        reading.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    hotels = reading.execute(select(Hotel).order_by(col(Hotel.slug))).scalars().all()
    ledger = Ledger(hotels)
    yield from ledger.read(ledger_lines)
    total = reading.execute(select(func.count()).select_from(EventRecord)).scalar_one()
    looked_at = Counter(progress, total)
    for hotel in hotels:
        yield from _HotelVerification(reading, legacy, ledger, hotel, looked_at).findings()


@dataclass(slots=True)
class Counter:
    """Counts what has been looked at, and tells of it now and then."""

    progress: Progress
    total: int
    done: int = 0

    def count(self) -> None:
        """One more."""
        self.done += 1
        if self.done % _TELL_EVERY == 0 or self.done == self.total:
            self.progress(self.done, self.total)


class _HotelVerification:
    """Goes through one hotel's log and tables, and counts what it finds."""

    def __init__(
        self, reading: Reading, legacy: Legacy, ledger: Ledger, hotel: Hotel, looked_at: Counter
    ) -> None:
        self._reading = reading
        self._hotel = hotel
        self._looked_at = looked_at
        self._delivered_seq = delivered_seq = _delivered_seq(reading, hotel)
        self._dead_letters = _dead_letters(reading, hotel)
        self._order = LogOrder(hotel, delivered_seq=delivered_seq)
        self._page = PublicPage(hotel)
        self._receipts = Receipts(
            ledger, legacy, hotel, delivered_seq=delivered_seq, dead_letters=frozenset(self._dead_letters)
        )
        self._events = self._delivered = self._holes = 0

    def findings(self) -> Iterator[Finding]:
        """Yield each hole as it is found, and then how the log stands."""
        for hole in chain(self._in_the_log(), self._in_the_tables()):
            self._holes += 1
            yield hole
        yield HotelFindings(
            hotel=self._hotel.slug,
            first_seq=self._order.first_seq,
            last_seq=self._hotel.seq,
            events=self._events,
            delivered=self._delivered,
            pending=self._events - self._delivered,
            dead_letters=len(self._dead_letters),
            holes=self._holes,
        )

    def _in_the_log(self) -> Iterator[Hole]:
        for event in events_of(self._reading, self._hotel.id):
            self._looked_at.count()
            self._events += 1
            self._delivered += event.seq <= self._delivered_seq
            self._page.take(event)
            yield from self._order.take(event)
            yield from self._receipts.take(event)
        yield from self._order.end()
        yield from self._page.end(self._reading)

    def _in_the_tables(self) -> Iterator[Hole]:
        # What cannot be read has been named; a database takes so many ids in a statement and no more.
        unreadable = self._order.unreadable_ids
        if len(unreadable) <= _MOST_LEFT_OUT:
            yield from Clocking(self._reading, self._hotel, unreadable=unreadable).holes()
            yield from offer_holes(self._reading, self._hotel, unreadable=unreadable)
            yield from booking_holes(self._reading, self._hotel, unreadable=unreadable)


def _delivered_seq(reading: Reading, hotel: Hotel) -> int:
    statement = select(col(BridgeCursor.delivered_seq)).where(col(BridgeCursor.hotel_id) == hotel.id)
    return reading.execute(statement).scalar() or 0


def _dead_letters(reading: Reading, hotel: Hotel) -> Sequence[tuple[int, str]]:
    statement = select(col(DeadLetter.event_id), col(DeadLetter.channel))
    return [tuple(row) for row in reading.execute(statement.where(col(DeadLetter.hotel_id) == hotel.id))]
