"""Remove from the log what has been kept for long enough."""

from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlmodel import select

from hotelmate.database import Database, Transaction
from hotelmate.events import log
from hotelmate.models import Hotel

logger = structlog.get_logger(__name__)


async def prune(database: Database, *, keep: timedelta) -> int:
    """Remove events that are older than `keep`, in a transaction for each hotel; return how many went.

    What the bridge or a dead letter still needs stays (`log.prune`).
    """
    before = datetime.now(UTC) - keep
    hotel_ids = await database.read(lambda reading: list(reading.exec(select(Hotel.id))))
    removed = 0
    for hotel_id in hotel_ids:
        removed += await database.write(partial(_prune, hotel_id=hotel_id, before=before))
    if removed:
        logger.info("events_pruned", events=removed, before=before.isoformat())
    return removed


def _prune(transaction: Transaction, *, hotel_id: int, before: datetime) -> int:
    # Without the hotel's turn, so that nobody waits: what is recorded meanwhile is newer than all that goes.
    hotel = transaction.exec(select(Hotel).where(Hotel.id == hotel_id)).one()
    return log.prune(transaction, hotel, before=before)
