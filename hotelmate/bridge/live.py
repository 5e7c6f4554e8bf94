"""Deliver each hotel's events from its cursor on, strictly in order.

A hotel's lease is kept for a moment after its last event, in the hope of the next (`keeping`). What another
process records in that time is sent as soon as that process asks for it, or else when the moment is over.

A batch that cannot be sent now keeps its place and is tried again; a message that is refused for good becomes
a dead letter, and what follows it goes on. What was sent and not yet noted when a process ends is sent again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import structlog

from hotelmate.bridge import cursors
from hotelmate.bridge.cursors import LeaseLost
from hotelmate.bridge.keeping import HeardEvents, KeptHotels, following
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.outgoing import Outgoing, RefusedMessage, in_batches
from hotelmate.bridge.progress import Progress
from hotelmate.bridge.sending import MessagesOf, Refused, Sender, Unreachable
from hotelmate.bridge.shared_writes import SharedWrites
from hotelmate.bridge.timing import Timing
from hotelmate.bridge.traces import traced_sending
from hotelmate.database import Database
from hotelmate.errors import Unavailable
from hotelmate.events import log
from hotelmate.events.log import Event

_EVENTS_PER_READ = 100
# Then others get their turn, and this hotel comes back behind them.
_READS_PER_TURN = 10

logger = structlog.get_logger(__name__)


class LiveDelivery:
    """Delivers each hotel's events while it holds the hotel's lease."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        messages_of: MessagesOf,
        *,
        owner: str,
        timing: Timing,
        metrics: BridgeMetrics,
        attend: Callable[[int], None],
        ask_others: Callable[[int], None],
    ) -> None:
        """Prepare to deliver.

        `attend` has `deliver` called for a hotel soon. `ask_others` is called with a hotel that another
        process holds the lease of, and has that process deliver.
        """
        self._database = database
        self._writes = SharedWrites(database)
        self._sender = sender
        self._messages_of = messages_of
        self._owner = owner
        self._timing = timing
        self._metrics = metrics
        self._kept = KeptHotels(seconds=timing.keep_seconds, attend=attend)
        self._heard = HeardEvents()
        self._ask_others = ask_others
        self._is_stopping = False

    def hear(self, event: Event) -> None:
        """Learn of an event that has been committed; `deliver` has to be called for its hotel after that."""
        self._heard.add(event)

    def keeps(self, hotel_id: int) -> bool:
        """Whether a hotel's lease is kept here, with nothing being delivered at the moment."""
        return hotel_id in self._kept

    def stop(self) -> None:
        """Begin no further batch."""
        self._is_stopping = True

    async def leave(self) -> None:
        """Give back the leases that are kept."""
        closed = await asyncio.gather(
            *(progress.close() for progress in self._kept.take_all()), return_exceptions=True
        )
        for error in closed:
            if error is not None:
                logger.warning("lease_not_given_back", error=repr(error))

    async def deliver(self, hotel_id: int) -> bool:
        """Send what follows the hotel's cursor, and return whether there may be more to send at once."""
        heard = self._heard.take(hotel_id)
        progress = self._kept.take(hotel_id)
        if progress is not None and not heard:
            # Its moment is over, or another process has recorded something.
            return await self._under_lease(progress, self._finish)
        progress = progress or await self._take(hotel_id)
        if progress is None:
            if heard:
                self._ask_others(hotel_id)
            return False
        return await self._under_lease(progress, partial(self._drain, heard=heard))

    async def _under_lease(self, progress: Progress, work: Callable[[Progress], Awaitable[bool]]) -> bool:
        try:
            return await self._deliver_under(progress, work)
        except LeaseLost:
            self._metrics.lease_lost()
            logger.warning("lease_lost", hotel_id=progress.hotel_id)
            return False
        finally:
            if not self._kept.holds(progress):
                await progress.close()

    async def _take(self, hotel_id: int) -> Progress | None:
        at = datetime.now(UTC)
        is_due = partial(cursors.is_due, hotel_id=hotel_id, owner=self._owner, at=at)
        if not await self._database.read(is_due):
            return None
        until = self._timing.lease_until(at)
        take = partial(cursors.take, hotel_id=hotel_id, owner=self._owner, at=at, until=until)
        lease = await self._writes.write(hotel_id, take)
        if lease is None:
            return None
        return Progress(self._writes, lease, timing=self._timing, metrics=self._metrics)

    async def _deliver_under(self, progress: Progress, work: Callable[[Progress], Awaitable[bool]]) -> bool:
        try:
            return await work(progress)
        except Unreachable as error:
            await progress.flush()
            await progress.put_off(str(error), at_least_seconds=error.retry_after_seconds)
        except (LeaseLost, Unavailable):
            raise
        except Exception as error:
            # One hotel's trouble, such as an event that this version cannot read: kept at bay, and shown.
            logger.exception("delivery_failed", hotel_id=progress.hotel_id)
            await progress.put_off(f"{type(error).__name__}, see the log")
        return False

    async def _drain(self, progress: Progress, *, heard: list[Event]) -> bool:
        events = following(heard, progress.position)
        for _ in range(_READS_PER_TURN):
            if events is None:
                events = await self._read(progress)
            for batch in in_batches(Outgoing(event, self._messages_of(event)) for event in events):
                if self._is_stopping:
                    return False
                await self._deliver_batch(progress, batch)
            if len(events) < _EVENTS_PER_READ:
                self._kept.keep(progress)
                return False
            events = None
        return True

    async def _read(self, progress: Progress) -> list[Event]:
        read = partial(log.read, hotel_id=progress.hotel_id, after=progress.position, limit=_EVENTS_PER_READ)
        return await self._database.read(read)

    async def _finish(self, progress: Progress) -> bool:
        if await progress.finish():
            return await self._drain(progress, heard=[])
        # What others recorded just before woke nobody: the hotel was still leased to this one.
        return True

    async def _deliver_batch(self, progress: Progress, batch: Sequence[Outgoing]) -> None:
        refused: list[RefusedMessage] = []
        try:
            await self._send(progress, batch)
        except Refused as refusal:
            if len(batch) > 1:
                # Which of them it was shows when each goes by itself.
                for outgoing in batch:
                    await self._deliver_batch(progress, [outgoing])
                return
            refused = await self._refused_among(progress, batch[0], refusal)
        progress.add(batch, refused)

    async def _refused_among(
        self, progress: Progress, outgoing: Outgoing, refusal: Refused
    ) -> list[RefusedMessage]:
        """Send an event's messages one by one after all of them together were refused."""
        if len(outgoing.messages) == 1:
            return [RefusedMessage(outgoing.messages[0], str(refusal))]
        refused = []
        for message in outgoing.messages:
            try:
                await self._send(progress, [Outgoing(outgoing.event, [message])])
            except Refused as error:
                refused.append(RefusedMessage(message, str(error)))
        return refused

    async def _send(self, progress: Progress, batch: Sequence[Outgoing]) -> None:
        messages = [message for outgoing in batch for message in outgoing.messages]
        if messages:
            await progress.before_request()
            with traced_sending(outgoing.event for outgoing in batch if outgoing.messages):
                await self._sender.send_batch(messages)
