"""What processes on the same database tell each other: events, ended rights, and hotels to deliver for."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from hotelmate.events.log import Event
from hotelmate.events.relay import Relay
from hotelmate.identity.rights import RightsEnded
from hotelmate.identity.rights_relay import RightsRelay
from hotelmate.processes.pubsub import PubSub, Subscriber

Notice = Event | RightsEnded

_ASKING = "bridge"


class Peers:
    """The other processes, over Redis. What it loses is found by polling the database."""

    def __init__(
        self,
        pubsub: PubSub,
        *,
        hear: Callable[[Notice], None],
        on_missed: Callable[[], None],
    ) -> None:
        """Prepare to `hear` what others announce; `on_missed` is called when some of it may be lost."""
        self._pubsub = pubsub
        self._events = Relay(self._pubsub, on_event=hear, on_missed=on_missed)
        self._rights = RightsRelay(self._pubsub, on_end=hear, on_missed=on_missed)

    @asynccontextmanager
    async def connected(self, *, on_asked: Callable[[int], None]) -> AsyncIterator[None]:
        """Listen and speak while the block runs, as far as Redis can be reached.

        `on_asked` is called with a hotel that is perhaps with this process's bridge, and has new events.
        """
        self._pubsub.start()
        asked = Subscriber(lambda message: on_asked(int(message)), on_ready=lambda: None)
        with self._rights.follow(), self._pubsub.subscribed(_ASKING, asked):
            yield
        await self._pubsub.stop()

    def tell(self, notice: Notice) -> None:
        """Announce what was committed here."""
        if isinstance(notice, Event):
            self._events.publish(notice)
        else:
            self._rights.publish(notice)

    def ask(self, hotel_id: int) -> None:
        """Have the bridge that holds a hotel's lease deliver what is new. Its poll would find it later."""
        self._pubsub.publish(_ASKING, str(hotel_id).encode())

    @contextmanager
    def follow(self, hotel_id: int) -> Iterator[None]:
        """Hear of a hotel's events while the block runs."""
        with self._events.follow(hotel_id):
            yield


class Alone:
    """Nobody else, or nobody that can be talked to."""

    @asynccontextmanager
    async def connected(self, *, on_asked: Callable[[int], None]) -> AsyncIterator[None]:  # noqa: ARG002 - nobody asks
        """Do nothing."""
        yield

    def tell(self, notice: Notice) -> None:
        """Do nothing: there is nobody to tell."""

    def ask(self, _hotel_id: int) -> None:
        """Do nothing: there is nobody to ask."""

    @contextmanager
    def follow(self, _hotel_id: int) -> Iterator[None]:
        """Do nothing."""
        yield
