"""The log is kept for a time, and longer for what still has to be delivered."""

from datetime import UTC, datetime, timedelta

from sqlmodel import col, select

from hotelmate.database import Database, take_turn
from hotelmate.events import log
from hotelmate.events.catalogue import GalleryReordered
from hotelmate.events.retention import prune
from hotelmate.models import BridgeCursor, EventRecord, Hotel

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def record(database: Database, hotel: Hotel, *, ages: list[timedelta], delivered: int) -> None:
    """Record an event of each age, of which the bridge has delivered so many."""
    with database.transaction() as transaction:
        turn = take_turn(transaction, hotel.id)
        for age in ages:
            log.record(transaction, turn, GalleryReordered(gallery=()), at=NOW - age)
        transaction.add(BridgeCursor(hotel_id=hotel.id, delivered_seq=delivered))


def kept(database: Database, hotel: Hotel) -> list[int]:
    with database.reading() as reading:
        statement = select(EventRecord.seq).where(EventRecord.hotel_id == hotel.id)
        return list(reading.exec(statement.order_by(col(EventRecord.seq))))


async def test_every_hotel_keeps_what_is_young_or_undelivered(
    database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    record(database, killarney, ages=[40 * DAY, 31 * DAY, 29 * DAY], delivered=3)
    record(database, dublin, ages=[40 * DAY, 40 * DAY, 40 * DAY], delivered=2)
    assert await prune(database, keep=30 * DAY) == 4
    assert kept(database, killarney) == [3]
    assert kept(database, dublin) == [3]
