"""Carry a hotel's events on from where they stand, strictly in order.

A batch that cannot be sent now keeps its place and is tried again; a message that is refused for good becomes
a dead letter, and what follows it goes on. What was sent and not yet noted when a process ends is sent again.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog

from hotelmate.bridge import cursors, letters
from hotelmate.bridge.cursors import Lease, LeaseLost
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.sending import (
    MESSAGES_PER_REQUEST,
    LegacyMessage,
    MessagesOf,
    Refused,
    Sender,
    Unreachable,
)
from hotelmate.bridge.timing import Timing
from hotelmate.database import Database, Transaction
from hotelmate.errors import Unavailable
from hotelmate.events import log
from hotelmate.events.log import Event

_EVENTS_PER_READ = 100
# Then others get their turn, and this hotel comes back behind them.
_READS_PER_TURN = 10

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event and what goes out for it, which counts as delivered only when all of it was."""

    event: Event
    messages: Sequence[LegacyMessage]


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that was refused for good, and why."""

    message: LegacyMessage
    error: str


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
        try:
            async with self._leased(hotel_id) as lease:
                return lease is not None and await self._deliver_under(lease)
        except LeaseLost:
            self._metrics.lease_lost()
            logger.warning("lease_lost", hotel_id=hotel_id)
            return False

    async def _deliver_under(self, lease: Lease) -> bool:
        try:
            return await self._drain(lease)
        except Unreachable as error:
            await self._put_off(lease, str(error), at_least_seconds=error.retry_after_seconds)
        except (LeaseLost, Unavailable):
            raise
        except Exception as error:
            # One hotel's trouble, such as an event that this version cannot read: kept at bay, and shown.
            logger.exception("delivery_failed", hotel_id=lease.hotel_id)
            await self._put_off(lease, f"{type(error).__name__}, see the log")
        return False

    async def _drain(self, lease: Lease) -> bool:
        position = lease.delivered_seq
        for _ in range(_READS_PER_TURN):
            events = await self._database.read(
                partial(log.read, hotel_id=lease.hotel_id, after=position, limit=_EVENTS_PER_READ)
            )
            if not events:
                return False
            for batch in in_batches(Outgoing(event, self._messages_of(event)) for event in events):
                if self._is_stopping:
                    return False
                await self._deliver_batch(lease, batch)
            if not lease.is_held:
                # What others recorded just before woke nobody: the hotel was still leased to this one.
                return True
            position = events[-1].seq
        return True

    async def _deliver_batch(self, lease: Lease, batch: Sequence[Outgoing]) -> None:
        refused: list[RefusedMessage] = []
        try:
            await self._send(lease, [message for outgoing in batch for message in outgoing.messages])
        except Refused as refusal:
            if len(batch) > 1:
                # Which of them it was shows when each goes by itself.
                for outgoing in batch:
                    await self._deliver_batch(lease, [outgoing])
                return
            refused = await self._refused_among(lease, batch[0].messages, refusal)
        await self._note(lease, batch[-1].event, refused)
        events = [outgoing.event for outgoing in batch]
        self._metrics.delivered(events, refused=len(refused), at=datetime.now(UTC))
        _tell(batch, refused)

    async def _refused_among(
        self, lease: Lease, messages: Sequence[LegacyMessage], refusal: Refused
    ) -> list[RefusedMessage]:
        """Send an event's messages one by one after all of them together were refused."""
        if len(messages) == 1:
            return [RefusedMessage(messages[0], str(refusal))]
        refused = []
        for message in messages:
            try:
                await self._send(lease, [message])
            except Refused as error:
                refused.append(RefusedMessage(message, str(error)))
        return refused

    async def _send(self, lease: Lease, messages: Sequence[LegacyMessage]) -> None:
        if messages:
            await self._keep(lease)
            await self._sender.send_batch(messages)

    async def _keep(self, lease: Lease) -> None:
        """Renew a lease that could run out before the answer to a request has been noted."""
        at = datetime.now(UTC)
        if not self._timing.outlasts_a_request(lease.until, at):
            until = self._timing.lease_until(at)
            await self._database.write(partial(cursors.renew, lease=lease, until=until))
            lease.until = until

    async def _note(self, lease: Lease, last: Event, refused: Sequence[RefusedMessage]) -> None:
        """Move the cursor past what was sent, with a dead letter for each message that was refused."""
        at = datetime.now(UTC)
        until = self._timing.lease_until(at)

        def note(transaction: Transaction) -> bool:
            has_more = cursors.move(transaction, lease, to=last.seq, until=until)
            for dead in refused:
                letters.bury(transaction, last, dead.message, error=dead.error, at=at)
            return has_more

        lease.is_held = await self._database.write(note)
        lease.until = until

    async def _put_off(self, lease: Lease, error: str, *, at_least_seconds: float = 0) -> None:
        pause_after = partial(self._timing.pause_after, at_least_seconds=at_least_seconds)
        at = datetime.now(UTC)
        until = await self._database.write(
            partial(cursors.put_off, lease=lease, at=at, pause_after=pause_after, error=error)
        )
        lease.is_held = False
        logger.warning("delivery_put_off", hotel_id=lease.hotel_id, error=error, until=until.isoformat())

    @asynccontextmanager
    async def _leased(self, hotel_id: int) -> AsyncIterator[Lease | None]:
        at = datetime.now(UTC)
        take = partial(
            cursors.take, hotel_id=hotel_id, owner=self._owner, at=at, until=self._timing.lease_until(at)
        )
        lease = await self._database.write(take)
        try:
            yield lease
        finally:
            if lease is not None and lease.is_held:
                with suppress(LeaseLost):
                    await self._database.write(partial(cursors.give_back, lease=lease))


def in_batches(outgoing: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Put as many whole events together as fit into one request."""
    batch: list[Outgoing] = []
    messages = 0
    for item in outgoing:
        if batch and messages + len(item.messages) > MESSAGES_PER_REQUEST:
            yield batch
            batch, messages = [], 0
        batch.append(item)
        messages += len(item.messages)
    if batch:
        yield batch


def _tell(batch: Sequence[Outgoing], refused: Sequence[RefusedMessage]) -> None:
    last = batch[-1].event
    for dead in refused:
        logger.error(
            "message_refused",
            hotel=last.hotel_slug,
            seq=last.seq,
            channel=dead.message.channel,
            event_name=dead.message.event_name,
            error=dead.error,
        )
    names = [message.event_name for outgoing in batch for message in outgoing.messages]
    if len(names) > len(refused):
        logger.info(
            "batch_delivered", hotel=last.hotel_slug, events=len(batch), event_names=names, last_seq=last.seq
        )
