"""Record events, run a bridge for a while, and look at where its rows stand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

from prometheus_client import CollectorRegistry
from sqlmodel import Session, col, select

from hotelmate.bridge.bridge import Bridge
from hotelmate.bridge.legacy import Legacy
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.sending import Sender
from hotelmate.bridge.timing import Timing
from hotelmate.database import Database, take_turn
from hotelmate.events import log
from hotelmate.events.catalogue import EventData, OfferDeleted
from hotelmate.events.log import Event
from hotelmate.models import BridgeCursor, DeadLetter, Hotel
from hotelmate.settings import ChannelVisibility

Row = TypeVar("Row")

QUICK = Timing(
    lease_seconds=4,
    send_seconds=2,
    keep_seconds=0.05,
    first_pause_seconds=0.01,
    longest_pause_seconds=0.05,
    poll_seconds=0.02,
    stop_seconds=2,
)
LEGACY = Legacy(
    hotel_channels=ChannelVisibility.PUBLIC,
    booking_channels=ChannelVisibility.BOTH,
    is_guest_token_public=False,
    issue_guest_token=lambda reference, nonce: f"token of {reference} with {nonce}",
)


@asynccontextmanager
async def delivering(
    database: Database,
    sender: Sender,
    *,
    timing: Timing = QUICK,
    legacy: Legacy = LEGACY,
    registry: CollectorRegistry | None = None,
    ask_others: Callable[[int], None] = lambda _hotel_id: None,
) -> AsyncIterator[Bridge]:
    """Run a bridge while the block runs."""
    metrics = BridgeMetrics(registry or CollectorRegistry())
    bridge = Bridge(
        database, sender, legacy.messages_of, metrics=metrics, timing=timing, ask_others=ask_others
    )
    await bridge.start()
    try:
        yield bridge
    finally:
        await bridge.stop()


def deletion(title: str = "An offer") -> OfferDeleted:
    """An event that one public message tells of."""
    return OfferDeleted(offer_id=1, offer_title=title, was_active=True)


def record(database: Database, hotel: Hotel, *happened: EventData) -> list[Event]:
    """Record events in one transaction; one deletion when none is given."""
    with database.transaction() as transaction:
        turn = take_turn(transaction, hotel.id)
        return [
            log.record(transaction, turn, data, at=datetime.now(UTC)) for data in happened or (deletion(),)
        ]


def record_each(database: Database, hotel: Hotel, count: int) -> None:
    """Record so many deletions, each in a transaction of its own."""
    for _ in range(count):
        record(database, hotel)


def cursor_of(database: Database, hotel: Hotel) -> BridgeCursor:
    """Where the hotel's cursor stands; at the beginning while it has no row."""
    with database.reading() as reading:
        row = reading.get(BridgeCursor, hotel.id)
        return BridgeCursor(hotel_id=hotel.id) if row is None else _kept(reading, row)


def letters_of(database: Database, hotel: Hotel) -> list[DeadLetter]:
    with database.reading() as reading:
        statement = select(DeadLetter).where(DeadLetter.hotel_id == hotel.id)
        rows = reading.exec(statement.order_by(col(DeadLetter.event_id), col(DeadLetter.id)))
        return [_kept(reading, row) for row in rows]


def queue_letters(database: Database, hotel: Hotel) -> None:
    """Have the hotel's dead letters sent again."""
    with database.transaction() as transaction:
        for letter in transaction.exec(select(DeadLetter).where(DeadLetter.hotel_id == hotel.id)):
            letter.queued_at = datetime.now(UTC)
            transaction.add(letter)


async def eventually(is_so: Callable[[], bool]) -> None:
    """Return as soon as it is so."""
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def delivered(database: Database, hotel: Hotel, *, up_to: int) -> None:
    """Return as soon as the hotel's cursor stands there."""
    await eventually(lambda: cursor_of(database, hotel).delivered_seq == up_to)


def _kept(session: Session, row: Row) -> Row:
    session.expunge(row)
    return row
