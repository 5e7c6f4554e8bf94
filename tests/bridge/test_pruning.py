"""Pruning takes nothing that Pusher has not been told, however old it is and whenever it comes."""

from datetime import timedelta

from sqlmodel import select

from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.events.retention import prune
from hotelmate.models import EventRecord, Hotel
from tests.bridge.helpers import delivered, delivering, record_each
from tests.bridge.pusher_endpoint import PusherEndpoint

UNTIL_TOMORROW = timedelta(days=-1)


async def test_what_waits_for_pusher_is_kept_and_arrives_when_it_is_back(
    database: Database, killarney: Hotel, endpoint: PusherEndpoint, sender: PusherSender
) -> None:
    record_each(database, killarney, 3)
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=3)
        await endpoint.refuse_connections()
        record_each(database, killarney, 30)
        assert await prune(database, keep=UNTIL_TOMORROW) == 3
        assert left(database, killarney) == list(range(4, 34))
        await endpoint.recover()
        while left(database, killarney):
            await prune(database, keep=UNTIL_TOMORROW)
        await delivered(database, killarney, up_to=33)
    assert [message.seq for message in await endpoint.received(33)] == list(range(1, 34))


def left(database: Database, hotel: Hotel) -> list[int]:
    with database.reading() as reading:
        kept = select(EventRecord.seq).where(EventRecord.hotel_id == hotel.id)
        return sorted(reading.exec(kept))
