"""Find events that nobody announced to this process, by each hotel's newest number in the database."""

from collections.abc import Collection

from sqlmodel import col, select

from hotelmate.database import Database, Reading
from hotelmate.events.broker import Broker
from hotelmate.models import Hotel


async def catch_up(database: Database, broker: Broker) -> None:
    """Tell the broker the newest number of each hotel that somebody listens to; it fetches what it lacks.

    Raises:
        Unavailable: the database cannot be asked.
    """
    hotel_ids = broker.followed_hotels
    if not hotel_ids:
        return
    for hotel_id, seq in (await database.read(lambda reading: _heads(reading, hotel_ids))).items():
        broker.advance(hotel_id, seq)


def _heads(reading: Reading, hotel_ids: Collection[int]) -> dict[int, int]:
    return dict(reading.exec(select(Hotel.id, Hotel.seq).where(col(Hotel.id).in_(hotel_ids))).all())
