"""Remove from the log what has been kept for long enough."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlmodel import select

from hotelmate.database import Database, Transaction
from hotelmate.errors import Unavailable
from hotelmate.events import log
from hotelmate.models import Hotel

_HOUR = 3600.0

logger = structlog.get_logger(__name__)


async def keep_pruned(database: Database, *, keep: timedelta, every_seconds: float = _HOUR) -> None:
    """Remove events that are older than `keep` now and then, until cancelled.

    What the bridge or a dead letter still needs stays (`log.prune`). Several processes may do this at once.
    """
    while True:
        try:
            await prune_all(database, before=datetime.now(UTC) - keep)
        except Unavailable as error:
            logger.warning("pruning_failed", error=error.message)
        except Exception:
            logger.exception("pruning_failed")
        await asyncio.sleep(every_seconds)


async def prune_all(database: Database, *, before: datetime) -> int:
    """Remove events of every hotel from before a time, a transaction each; return how many went."""
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
