"""Carry a hotel's events on from where they stand, strictly in order.

A batch that cannot be sent now keeps its place and is tried again; a message that is refused for good becomes
a dead letter, and what follows it goes on. What was sent and not yet noted when a process ends is sent again.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import structlog

from hotelmate.bridge import cursors
from hotelmate.bridge.cursors import LeaseLost
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
    ) -> None:
        self._database = database
        self._writes = SharedWrites(database)
        self._sender = sender
        self._messages_of = messages_of
        self._owner = owner
        self._timing = timing
        self._metrics = metrics
        self._is_stopping = False

    def stop(self) -> None:
        """Begin no further batch."""
        self._is_stopping = True

    async def deliver(self, hotel_id: int) -> bool:
        """Send what follows the hotel's cursor, and return whether there may be more to send at once."""
        is_due = partial(cursors.is_due, hotel_id=hotel_id, owner=self._owner, at=datetime.now(UTC))
        if not await self._database.read(is_due):
            return False
        progress = await self._take(hotel_id)
        if progress is None:
            return False
        try:
            return await self._deliver_under(progress)
        except LeaseLost:
            self._metrics.lease_lost()
            logger.warning("lease_lost", hotel_id=hotel_id)
            return False
        finally:
            await progress.close()

    async def _take(self, hotel_id: int) -> Progress | None:
        at = datetime.now(UTC)
        until = self._timing.lease_until(at)
        take = partial(cursors.take, hotel_id=hotel_id, owner=self._owner, at=at, until=until)
        lease = await self._writes.write(take)
        if lease is None:
            return None
        return Progress(self._writes, lease, timing=self._timing, metrics=self._metrics)

    async def _deliver_under(self, progress: Progress) -> bool:
        try:
            return await self._drain(progress)
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

    async def _drain(self, progress: Progress) -> bool:
        for _ in range(_READS_PER_TURN):
            events = await self._database.read(
                partial(log.read, hotel_id=progress.hotel_id, after=progress.position, limit=_EVENTS_PER_READ)
            )
            if not events and not progress.has_unwritten:
                return False
            for batch in in_batches(Outgoing(event, self._messages_of(event)) for event in events):
                if self._is_stopping:
                    return False
                await self._deliver_batch(progress, batch)
            if len(events) < _EVENTS_PER_READ and not await progress.finish():
                # What others recorded just before woke nobody: the hotel was still leased to this one.
                return True
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
