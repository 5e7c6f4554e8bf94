"""What has been kept for long enough goes, whenever a process runs."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlmodel import SQLModel, select

from hotelmate.app import upkeep
from hotelmate.database import Database, take_turn
from hotelmate.events import log
from hotelmate.events.catalogue import GalleryReordered
from hotelmate.events.polling import polling
from hotelmate.models import (
    AuditAction,
    AuditActor,
    AuditEntry,
    BridgeCursor,
    EventRecord,
    Hotel,
    IdempotencyRecord,
)
from hotelmate.settings import Settings

LONG_AGO = datetime.now(UTC) - timedelta(days=1000)
KINDS: tuple[type[SQLModel], ...] = (EventRecord, AuditEntry, IdempotencyRecord)


async def test_what_is_too_old_goes_as_soon_as_a_process_starts(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        hotel = take_turn(transaction, killarney.id)
        log.record(transaction, hotel, GalleryReordered(gallery=()), at=LONG_AGO)
        transaction.add(BridgeCursor(hotel_id=killarney.id, delivered_seq=1))
        transaction.add(
            AuditEntry(occurred_at=LONG_AGO, action=AuditAction.LOGGED_IN, actor=AuditActor.STAFF)
        )
        transaction.add(IdempotencyRecord(key_hash="old", fingerprint="", outcomes="{}", created_at=LONG_AGO))
    assert rows(database) == [1, 1, 1]
    async with polling(upkeep.polls(Settings(), database)), asyncio.timeout(20):
        while rows(database) != [0, 0, 0]:
            await asyncio.sleep(0.01)


def rows(database: Database) -> list[int]:
    """How many there are of each kind."""
    with database.reading() as reading:
        return [len(reading.exec(select(kind)).all()) for kind in KINDS]
