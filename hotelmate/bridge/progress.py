"""How far a leased hotel's delivery has come; the cursor is written while the next request is on its way.

There is one write at a time, and what is delivered meanwhile goes into the next one, so that deliveries do
not wait for commits. A request is made only while the lease is sure to outlast it. As each write renews the
lease, what is delivered never gets far ahead of what is written.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog

from hotelmate.bridge import cursors, letters
from hotelmate.bridge.cursors import Lease, LeaseLost
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.outgoing import Outgoing, RefusedMessage
from hotelmate.bridge.payloads import subject
from hotelmate.bridge.shared_writes import SharedWrites
from hotelmate.bridge.timing import Timing
from hotelmate.database import Transaction
from hotelmate.events.log import Event

# Often enough that little is sent again after a crash, and seldom enough to leave the disk to mutations.
_SECONDS_BETWEEN_WRITES = 0.5

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """A batch that was delivered or refused, and when. If messages of it were refused, it is one event."""

    batch: Sequence[Outgoing]
    refused: Sequence[RefusedMessage]
    at: datetime

    @property
    def accepted(self) -> list[Event]:
        """The events of which something was accepted."""
        return [each.event for each in self.batch if len(each.messages) > len(self.refused)]


class Progress:
    """The cursor of a leased hotel; `position` is the number of the last event delivered or refused.

    Every method but `add` and `close` raises `LeaseLost` once another process has taken the hotel over.
    """

    def __init__(self, writes: SharedWrites, lease: Lease, *, timing: Timing, metrics: BridgeMetrics) -> None:
        self._writes = writes
        self._lease = lease
        self._timing = timing
        self._metrics = metrics
        self.position = lease.delivered_seq
        self._done: list[Done] = []
        self._writing: asyncio.Task[None] | None = None
        self._write_at = 0.0
        self._write_later()

    @property
    def hotel_id(self) -> int:
        """Whose events are delivered."""
        return self._lease.hotel_id

    def add(self, batch: Sequence[Outgoing], refused: Sequence[RefusedMessage]) -> None:
        """Note that a batch has been delivered or refused; the cursor is written soon."""
        self.position = batch[-1].event.seq
        self._done.append(Done(batch, refused, datetime.now(UTC)))

    async def before_request(self) -> None:
        """Write the cursor if it is time, and make sure that the lease outlasts a request made now."""
        if self._writing is not None and self._writing.done():
            await self._written()
        if self._writing is None and self._done and self._clock() >= self._write_at:
            self._writing = asyncio.create_task(self._write())
            self._write_later()
        if not self._covers_a_request():
            await self.flush()
        if not self._covers_a_request():
            until = self._timing.lease_until(datetime.now(UTC))
            await self._writes.write(self.hotel_id, partial(cursors.renew, lease=self._lease, until=until))
            self._lease.until = until

    async def flush(self) -> None:
        """Write the cursor up to `position`."""
        await self._written()
        if self._done:
            await self._write()

    async def finish(self) -> bool:
        """Write the cursor, and with it give the lease back unless more events follow.

        Returns:
            Whether more follow.
        """
        await self._written()
        await self._write(is_last=True)
        return self._lease.is_held

    async def put_off(self, error: str, *, at_least_seconds: float = 0) -> None:
        """Note that the next request could not be made, and leave the hotel alone for a while."""
        await self._written()
        pause_after = partial(self._timing.pause_after, at_least_seconds=at_least_seconds)
        at = datetime.now(UTC)
        put_off = partial(cursors.put_off, lease=self._lease, at=at, pause_after=pause_after, error=error)
        until = await self._writes.write(self.hotel_id, put_off)
        self._lease.is_held = False
        self._metrics.put_off()
        logger.warning("delivery_put_off", hotel_id=self.hotel_id, error=error, until=until.isoformat())

    async def close(self) -> None:
        """Write the cursor and give the lease back, if it is still held."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
            error = self._writing.exception()
            if error is not None:
                # The events are sent again. What went wrong is raised where it happened.
                logger.warning("progress_not_written", hotel_id=self.hotel_id, error=repr(error))
        if self._lease.is_held:
            with suppress(LeaseLost):
                if self._done:
                    await self._write()
                await self._writes.write(self.hotel_id, partial(cursors.give_back, lease=self._lease))

    def _clock(self) -> float:
        return asyncio.get_running_loop().time()

    def _write_later(self) -> None:
        self._write_at = self._clock() + _SECONDS_BETWEEN_WRITES

    def _covers_a_request(self) -> bool:
        return self._timing.outlasts_a_request(self._lease.until, datetime.now(UTC))

    async def _written(self) -> None:
        """Wait for what is being written."""
        if self._writing is not None:
            # Not awaited itself: cancelling whoever waits here would cancel the write as well.
            await asyncio.wait({self._writing})
            written, self._writing = self._writing, None
            written.result()

    async def _write(self, *, is_last: bool = False) -> None:
        """Move the cursor to `position`, and make a dead letter of each refused message."""
        done = tuple(self._done)
        until = self._timing.lease_until(datetime.now(UTC))
        last_seq = self.position

        def write(transaction: Transaction) -> bool:
            is_held = cursors.move(transaction, self._lease, to=last_seq, until=until, is_last=is_last)
            for each in done:
                for dead in each.refused:
                    event = each.batch[0].event
                    letters.bury(transaction, event, dead.message, error=dead.error, at=each.at)
            return is_held

        self._lease.is_held = await self._writes.write(self.hotel_id, write)
        self._lease.until = until
        del self._done[: len(done)]
        for each in done:
            self._metrics.delivered(each.accepted, refused=len(each.refused), at=each.at)
            _tell(each)


def _tell(done: Done) -> None:
    last = done.batch[-1].event
    for dead in done.refused:
        logger.error(
            "message_refused",
            hotel=last.hotel_slug,
            seq=last.seq,
            channel=dead.message.channel,
            event_name=dead.message.event_name,
            error=dead.error,
        )
    if done.accepted:
        broadcast = [
            f"{each.messages[0].event_name} for {subject(each.event)}" for each in done.batch if each.messages
        ]
        logger.info(
            "batch_delivered",
            hotel=last.hotel_slug,
            events=len(done.batch),
            broadcast=broadcast,
            last_seq=last.seq,
        )
