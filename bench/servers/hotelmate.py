"""HotelMate as `hotelmate serve` runs it, with events that come from nowhere.

    python -m bench.servers.hotelmate graphql|channels HOTELS

They happen in so many of the hotels in turn, and take the way that events take after the commit: to the
broker, or to the embedded Channels server as the bridge sends them.
"""

import sys
from functools import partial

from sqlmodel import col, update

from bench import data
from bench.events import Events
from bench.servers.controlled import serve
from hotelmate import logs
from hotelmate.app import Application
from hotelmate.bridge.legacy import Legacy
from hotelmate.database import Database, Transaction
from hotelmate.events.log import Event
from hotelmate.models import EventRecord, Hotel
from hotelmate.settings import Settings, load


class Measured(Application):
    """The application, which can be told that something has happened."""

    def __init__(self, settings: Settings, *, hotels: int) -> None:
        super().__init__(settings)
        database = Database(settings.database)
        self._events = Events(data.hotel_ids(database)[:hotels])
        database.close()
        self._legacy = Legacy.configured(settings, lambda _reference, _nonce: None)

    async def publish_to_subscriptions(self) -> None:
        """Have an event happen for the subscriptions."""
        _, event = self._events.next()
        self._distribution.hear(event)

    async def rehearse(self) -> None:
        """Have an event happen for the subscriptions, and be in the log for whoever joins just now."""
        _, event = self._events.next()
        await self._database.write(partial(_log, event))
        self._distribution.hear(event)

    async def publish_to_channels(self) -> None:
        """Have an event happen for the frontends of today."""
        _, event = self._events.next()
        await self._destination.sender.send_batch(self._legacy.messages_of(event))


def _log(event: Event, transaction: Transaction) -> None:
    row = EventRecord(
        id=event.id,
        hotel_id=event.hotel_id,
        seq=event.seq,
        type=event.type,
        data=event.data.model_dump_json(),
        occurred_at=event.occurred_at,
    )
    transaction.add(row)
    transaction.exec(update(Hotel).where(col(Hotel.id) == event.hotel_id).values(seq=event.seq))


def _main() -> None:
    logs.configure()
    application = Measured(load(), hotels=int(sys.argv[2]))
    if sys.argv[1] == "graphql":
        serve(application, application.publish_to_subscriptions, rehearse=application.rehearse)
    else:
        serve(application, application.publish_to_channels)


if __name__ == "__main__":
    _main()
