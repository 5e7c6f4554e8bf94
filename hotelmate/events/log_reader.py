"""Read the log for the broker's streams, which wait for as long as the database is away."""

import asyncio
import random
from functools import partial

import structlog

from hotelmate.database import Database
from hotelmate.errors import Unavailable
from hotelmate.events import log
from hotelmate.events.broker import ReadLog
from hotelmate.events.log import Event

_RETRY_SECONDS = 1.0

logger = structlog.get_logger(__name__)


def patient_reader(database: Database) -> ReadLog:
    """Return a reader of the log that tries again until the database answers."""

    async def read(hotel_id: int, after: int, limit: int) -> list[Event]:
        operation = partial(log.read, hotel_id=hotel_id, after=after, limit=limit)
        while True:
            try:
                return await database.read(operation)
            except Unavailable as error:
                logger.warning("log_not_read", hotel_id=hotel_id, error=error.message)
                await asyncio.sleep(random.uniform(0.5, 1) * _RETRY_SECONDS)  # noqa: S311 - no secret

    return read
