"""Tell everybody whom a commit concerns, in this process and in the others.

A transaction announces notices: events, and rights that ended. After its commit they are counted, handed to
the bridge, the streams and those who watch rights, and told to the other processes. What other processes tell
goes the same way, without the bridge: each delivers what it has committed. Nothing here has to be reliable,
only fast: what was not heard is found by polling the database. Lives on the event loop's thread.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from functools import partial

from prometheus_client import Counter

from hotelmate.app.peers import Alone, Notice, Peers
from hotelmate.bridge.bridge import Bridge
from hotelmate.database import Database
from hotelmate.events.broker import Broker
from hotelmate.events.heads import catch_up
from hotelmate.events.log import Event
from hotelmate.events.log_reader import patient_reader
from hotelmate.events.polling import Poll, polling
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rights import GuestTokenRenewed, Rights, SessionEnded
from hotelmate.identity.rights_relay import ended_among
from hotelmate.processes.pubsub import PubSub
from hotelmate.settings import Settings

# Who was put out must be out within a second, also when a command did it, which tells nobody.
_ENDED_RIGHTS_SECONDS = 0.7


class Distribution:
    """Those who hear of what is committed, here (the parts) and elsewhere (`peers`)."""

    def __init__(
        self, settings: Settings, database: Database, pubsub: PubSub | None, *, recorded: Counter
    ) -> None:
        """Tell nobody yet; `recorded` counts by their types the events that this process records."""
        self._database = database
        self._recorded = recorded
        self.peers: Alone | Peers = (
            Alone() if pubsub is None else Peers(pubsub, hear=self.hear, on_missed=self._poll_soon)
        )
        self.broker = Broker(
            patient_reader(database), ring_size=settings.stream_ring_size, follow=self.peers.follow
        )
        self.rights = Rights()
        self.sessions = KnownSessions(database)
        self._polls = [
            Poll(partial(catch_up, database, self.broker), every_seconds=settings.poll_seconds),
            Poll(self._find_ended_rights, every_seconds=min(settings.poll_seconds, _ENDED_RIGHTS_SECONDS)),
        ]

    @asynccontextmanager
    async def running(self, bridge: Bridge) -> AsyncIterator[None]:
        """Tell everybody, and this bridge, while the block runs."""
        loop = asyncio.get_running_loop()
        self._database.on_commit(partial(self._hand_over, loop, bridge))
        async with self.peers.connected(on_asked=bridge.go_on), polling(self._polls):
            yield

    def hear(self, notice: Notice) -> None:
        """Tell those whom this process serves of what was committed, here or elsewhere."""
        match notice:
            case Event():
                self.broker.publish(notice)
            case SessionEnded():
                self.sessions.end(notice)
                self.rights.end(notice)
            case GuestTokenRenewed():
                self.rights.end(notice)

    def _hand_over(self, loop: asyncio.AbstractEventLoop, bridge: Bridge, notices: Sequence[object]) -> None:
        """Pass what a transaction announced from the thread that committed it to the event loop."""
        # What comes of it is for everybody, and no longer a part of the request.
        loop.call_soon_threadsafe(self._distribute, bridge, notices, context=Context())

    def _distribute(self, bridge: Bridge, notices: Sequence[object]) -> None:
        """Tell everybody of what was committed here."""
        for notice in notices:
            match notice:
                case Event():
                    self._recorded.labels(notice.type).inc()
                    bridge.wake(notice)
                    self.hear(notice)
                    self.peers.tell(notice)
                case GuestTokenRenewed() | SessionEnded():
                    self.hear(notice)
                    self.peers.tell(notice)

    def _poll_soon(self) -> None:
        """See soon what other processes may have said unheard."""
        for poll in self._polls:
            poll.soon()

    async def _find_ended_rights(self) -> None:
        watched = self.rights.watched
        if watched:
            for ended in await self._database.read(partial(ended_among, rights=watched)):
                self.hear(ended)
