"""Verify hotel by hotel: first the log by itself, then the tables against what the log says."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

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
        yield from _of_hotel(reading, legacy, ledger, hotel, looked_at)


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


def _of_hotel(
    reading: Reading, legacy: Legacy, ledger: Ledger, hotel: Hotel, looked_at: Counter
) -> Iterator[Finding]:
    delivered_seq = _delivered_seq(reading, hotel)
    dead_letters = _dead_letters(reading, hotel)
    order = LogOrder(hotel, delivered_seq=delivered_seq)
    page = PublicPage(hotel)
    receipts = Receipts(
        ledger, legacy, hotel, delivered_seq=delivered_seq, dead_letters=frozenset(dead_letters)
    )
    holes = events = delivered = 0

    def in_the_log() -> Iterator[Hole]:
        nonlocal events, delivered
        for event in events_of(reading, hotel.id):
            looked_at.count()
            events += 1
            delivered += event.seq <= delivered_seq
            page.take(event)
            yield from order.take(event)
            yield from receipts.take(event)
        yield from order.end()
        yield from page.end(reading)

    def in_the_tables() -> Iterator[Hole]:
        # What cannot be read has been named; a database takes so many ids in a statement and no more.
        unreadable = order.unreadable_ids[:_MOST_LEFT_OUT]
        if len(unreadable) == len(order.unreadable_ids):
            yield from Clocking(reading, hotel, unreadable=unreadable).holes()
            yield from offer_holes(reading, hotel, unreadable=unreadable)
            yield from booking_holes(reading, hotel, unreadable=unreadable)

    for part in (in_the_log, in_the_tables):
        for hole in part():
            holes += 1
            yield hole
    yield HotelFindings(
        hotel=hotel.slug,
        first_seq=order.first_seq,
        last_seq=hotel.seq,
        events=events,
        delivered=delivered,
        pending=events - delivered,
        dead_letters=len(dead_letters),
        holes=holes,
    )


def _delivered_seq(reading: Reading, hotel: Hotel) -> int:
    statement = select(col(BridgeCursor.delivered_seq)).where(col(BridgeCursor.hotel_id) == hotel.id)
    return reading.execute(statement).scalar() or 0


def _dead_letters(reading: Reading, hotel: Hotel) -> Sequence[tuple[int, str]]:
    statement = select(col(DeadLetter.event_id), col(DeadLetter.channel))
    return [tuple(row) for row in reading.execute(statement.where(col(DeadLetter.hotel_id) == hotel.id))]
