"""The bridge: every hotel's events, from the log to the frontends of today.

Promises each event at least once, and in order within its hotel, from a cursor that survives this process.
A commit wakes it. A poll finds what it was not woken for, deliveries that were put off until now, and dead
letters that are to be sent again.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from hotelmate.bridge import cursors, letters
from hotelmate.bridge.live import LiveDelivery
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.retries import Retries
from hotelmate.bridge.sending import MessagesOf, Sender
from hotelmate.bridge.timed_sender import TimedSender
from hotelmate.bridge.timing import Timing
from hotelmate.bridge.workers import HotelWorkers
from hotelmate.database import Database
from hotelmate.events.log import Event
from hotelmate.events.polling import Poll

_HOTELS_SIDE_BY_SIDE = 24
_RETRIES_SIDE_BY_SIDE = 2
_USUAL = Timing()


def _ask_nobody(_hotel_id: int) -> None:
    """Stand in for other processes where there are none."""


class Bridge:
    """Delivers events from `start` to `stop`; several bridges on one database share the hotels."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        messages_of: MessagesOf,
        *,
        metrics: BridgeMetrics,
        timing: Timing = _USUAL,
        ask_others: Callable[[int], None] = _ask_nobody,
    ) -> None:
        """Prepare to deliver what `messages_of` makes of each event; closing the sender is for the caller.

        `ask_others` is called with a hotel that has new events while another process holds its lease. That
        process is to call `go_on`.
        """
        self._database = database
        self._timing = timing
        self._owner = _new_owner()
        timed = TimedSender(sender, seconds=timing.send_seconds, metrics=metrics)
        self._live = LiveDelivery(
            database,
            timed,
            messages_of,
            owner=self._owner,
            timing=timing,
            metrics=metrics,
            attend=self._attend,
            ask_others=ask_others,
        )
        self._deliveries = HotelWorkers(self._live.deliver, parallel=_HOTELS_SIDE_BY_SIDE)
        retries = Retries(database, timed, messages_of, timing=timing)
        self._retries = HotelWorkers(retries.send_next, parallel=_RETRIES_SIDE_BY_SIDE)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._poll = Poll(self._attend_to_what_is_due, every_seconds=timing.poll_seconds)
        self._polling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin with what is waiting already; everything happens on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._poll.soon()
        self._polling = asyncio.create_task(self._poll.run())

    def wake(self, event: Event) -> None:
        """Say that an event has been committed. Safe in any thread; only heard between `start` and `stop`."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._hear, event)

    def go_on(self, hotel_id: int) -> None:
        """Deliver what another process has recorded for a hotel, if this bridge holds its lease.

        To be called on the event loop's thread.
        """
        if self._live.keeps(hotel_id) or self._deliveries.is_at(hotel_id):
            self._attend(hotel_id)

    async def stop(self) -> None:
        """Let what is on its way arrive, or give up on it in time, and leave the hotels to others."""
        self._loop = None
        if self._polling is not None:
            self._polling.cancel()
            with suppress(asyncio.CancelledError):
                await self._polling
        self._live.stop()
        within = self._timing.stop_seconds
        await asyncio.gather(
            self._deliveries.stop(within_seconds=within), self._retries.stop(within_seconds=within)
        )
        await self._live.leave()

    def _hear(self, event: Event) -> None:
        self._live.hear(event)
        self._attend(event.hotel_id)

    def _attend(self, hotel_id: int) -> None:
        self._deliveries.attend(hotel_id)

    async def _attend_to_what_is_due(self) -> None:
        at = datetime.now(UTC)
        for hotel_id in await self._database.read(partial(cursors.due_hotels, owner=self._owner, at=at)):
            self._deliveries.attend(hotel_id)
        for hotel_id in await self._database.read(partial(letters.due_hotels, at=at)):
            self._retries.attend(hotel_id)


def _new_owner() -> str:
    """A name for this bridge that tells an operator which process it is; only the lease's token decides."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
