"""Carry events from the process that recorded them to those that have listeners for their hotel.

Over Redis publish and subscribe: fast, and not to be relied on. Whoever follows a hotel asks the log how far
it has come each time that the connection was made, and now and then besides (`heads`); so a message that was
lost, or a Redis that is away, costs time and no event.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import orjson
import structlog

from hotelmate.events.catalogue import parse
from hotelmate.events.log import Event
from hotelmate.processes.pubsub import PubSub, Subscriber

logger = structlog.get_logger(__name__)


class Relay:
    """The events of the hotels that are followed here, from all other processes."""

    def __init__(
        self, pubsub: PubSub, *, on_event: Callable[[Event], None], on_missed: Callable[[], None]
    ) -> None:
        """Hand over events as they come; `on_missed` is called when some may not have come."""
        self._pubsub = pubsub
        self._on_event = on_event
        self._on_missed = on_missed

    def publish(self, event: Event) -> None:
        """Tell the other processes of an event that was committed here."""
        self._pubsub.publish(_channel(event.hotel_id), encode(event))

    @contextmanager
    def follow(self, hotel_id: int) -> Iterator[None]:
        """Hear of the hotel's events while the block runs."""
        subscriber = Subscriber(self._receive, on_ready=self._on_missed)
        with self._pubsub.subscribed(_channel(hotel_id), subscriber):
            yield

    def _receive(self, message: bytes) -> None:
        try:
            event = decode(message)
        except (ValueError, KeyError) as error:
            # Another version of us knows more kinds of event. What it says will be missed, and looked for.
            logger.warning("event_not_understood", error=str(error).splitlines()[0])
            self._on_missed()
        else:
            self._on_event(event)


def encode(event: Event) -> bytes:
    """Return what another process needs to have the same event."""
    return orjson.dumps(
        {
            "id": event.id,
            "hotel_id": event.hotel_id,
            "hotel_slug": event.hotel_slug,
            "epoch": event.epoch,
            "seq": event.seq,
            "occurred_at": event.occurred_at,
            "type": event.type,
            "data": event.data.model_dump_json(),
        }
    )


def decode(message: bytes) -> Event:
    """Return the event that a message stands for.

    Raises:
        ValueError: it is not one that this version knows.
        KeyError: likewise.
    """
    fields = orjson.loads(message)
    data = parse(fields.pop("type"), fields.pop("data"))
    return Event(**fields | {"occurred_at": datetime.fromisoformat(fields["occurred_at"]), "data": data})


def _channel(hotel_id: int) -> str:
    return f"hotel:{hotel_id}"
