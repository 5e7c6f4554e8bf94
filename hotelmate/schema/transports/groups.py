"""Groups: everybody who follows the same in the same words, and so is sent the same bytes.

The group reads its hotel's stream in one task, and writes each event to all members that are live, one after
the other, without waiting for any. A member with too much unsent is no longer live: it reads the stream at
its own pace, in a task of its own, until it has come to where the group is. Both count by the numbers of the
events, so nothing is lost and nothing comes twice whatever happens in between.

However many groups there are, and members behind, the loop gets to others every few milliseconds (`Slices`),
and a connection has no more unsent than it may and what is written at once.
"""

import asyncio
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack, aclosing
from time import perf_counter
from typing import NamedTuple

from hotelmate.errors import Refused
from hotelmate.events.broker import Broker
from hotelmate.events.log import Event
from hotelmate.schema.transports.operations import RequestError
from hotelmate.schema.transports.selections import Selection
from hotelmate.sockets import Writer

# What is done without giving way to others: some milliseconds' worth.
_SLICE_SECONDS = 0.005
_GROUPS_AT_ONCE = 100
_MEMBERS_AT_ONCE = 256
_EVENTS_AT_ONCE = 16
_BYTES_AT_ONCE = 64 * 1024

_NOT_LIVE = sys.maxsize


class Update(NamedTuple):
    """What a member is sent for one event: its number, the result as JSON, and the cursor just after it."""

    seq: int
    payload: bytes
    cursor: str


class Member(ABC):
    """One client's subscription. Members with equal `opening` are sent the very same bytes."""

    __slots__ = ("group", "live_from", "opening", "writer")

    def __init__(self, writer: Writer, opening: bytes = b"") -> None:
        self.writer = writer
        self.opening = opening
        self.group: Group | None = None
        # The number of the event that it had when it became live.
        self.live_from = _NOT_LIVE

    @abstractmethod
    def encode(self, updates: Sequence[Update]) -> bytes:
        """Return what is written for these updates; it depends on them and on `opening` only."""

    @abstractmethod
    def fail(self, error: RequestError) -> None:
        """Tell the client that its subscription cannot go on; it has left the group by then."""

    def leave(self) -> None:
        """Be sent nothing more. It may have left already, or never joined."""
        if self.group is not None:
            self.group.leave(self)
            self.group = None


class Slices:
    """Shares the loop between all who execute events and everybody else.

    One event can wake thousands of groups in the same turn of the loop.
    """

    def __init__(self) -> None:
        # Who waits beyond these is not woken in vain at the beginning of each slice.
        self._places = asyncio.Semaphore(_GROUPS_AT_ONCE)
        self._begins: asyncio.Event | None = None
        # None for a slice that nobody has used yet: however late they wake, somebody gets on in each.
        self._ends_at: float | None = 0.0

    async def wait(self) -> None:
        """Return at once while the slice lasts; else in a later turn of the loop, with others that wait."""
        async with self._places:
            while self._ends_at is not None and perf_counter() >= self._ends_at:
                await self._next_slice()
            if self._ends_at is None:
                self._ends_at = perf_counter() + _SLICE_SECONDS

    async def _next_slice(self) -> None:
        if self._begins is None:
            self._begins = asyncio.Event()
            asyncio.get_running_loop().call_soon(self._begin, self._begins)
        await self._begins.wait()

    def _begin(self, begins: asyncio.Event) -> None:
        self._begins = self._ends_at = None
        begins.set()


class Group:
    """The members that share a selection of one hotel's events.

    It begins at the event `position`, and is closed when the last member has left, or when it fails.
    """

    def __init__(
        self,
        selection: Selection,
        broker: Broker,
        *,
        hotel_id: int,
        position: int,
        unsent_bytes: int,
        slices: Slices,
        on_close: Callable[[], None],
    ) -> None:
        """Begin to follow the hotel.

        Args:
            selection: what is executed of each event.
            broker: where the events come from.
            hotel_id: whose events they are.
            position: the number of the last event that the group is not for.
            unsent_bytes: a member with more does not hold up the others.
            slices: those of all groups of the process.
            on_close: called at the end.
        """
        self._selection = selection
        self._position = position
        self._unsent_bytes = unsent_bytes
        self._slices = slices
        self._live: dict[Member, None] = {}
        self._behind: dict[Member, asyncio.Task[None]] = {}
        self._closing = ExitStack()
        self._closing.callback(on_close)
        self._stream = self._closing.enter_context(broker.subscribe(hotel_id))
        # Another process may have recorded it, and the stream not have heard of it.
        self._stream.advance(position)
        self._task = asyncio.create_task(self._run())
        self._closing.callback(self._task.cancel)

    def __len__(self) -> int:
        return len(self._live) + len(self._behind)

    def join(self, member: Member, *, after: int) -> None:
        """Send a member every event that follows the number `after`, until it leaves."""
        member.group = self
        self._let_in(member, after)

    def leave(self, member: Member) -> None:
        """Send a member nothing more."""
        self._live.pop(member, None)
        member.live_from = _NOT_LIVE
        catching_up = self._behind.pop(member, None)
        if catching_up is not None:
            catching_up.cancel()
        if not self:
            self._closing.close()

    def _let_in(self, member: Member, position: int) -> None:
        """Make a member live that has all events up to `position`, as soon as the group is no further."""
        if position >= self._position:
            member.live_from = position
            self._live[member] = None
        else:
            self._behind[member] = asyncio.create_task(self._catch_up(member, position))

    async def _run(self) -> None:
        """Follow the stream for as long as there are members."""
        try:
            async with aclosing(self._stream.follow(self._position)) as batches:
                async for events in batches:
                    await self._deliver(events)
        except Refused as refusal:
            self._fail(RequestError.of(refusal))
        except Exception as error:  # noqa: BLE001 - logged where it becomes an error of the response
            self._fail(RequestError.of(error))

    async def _deliver(self, events: Sequence[Event]) -> None:
        done = 0
        while done < len(events):
            updates, done = await self._execute(events, done)
            # Whoever joins from here on, while some members wait for their turn, has these updates or catches
            # up with them.
            previous, self._position = self._position, events[done - 1].seq
            if updates:
                await self._write_to_all(updates, previous)

    async def _write_to_all(self, updates: Sequence[Update], previous: int) -> None:
        """Write updates, which follow the event `previous`, to whoever is live."""
        members = tuple(self._live)
        for start in range(0, len(members), _MEMBERS_AT_ONCE):
            if start:
                await asyncio.sleep(0)
            encoded: dict[bytes, bytes] = {}
            for member in members[start : start + _MEMBERS_AT_ONCE]:
                if member.live_from > previous:
                    self._write_rest(member, updates)
                elif member.writer.unsent_bytes > self._unsent_bytes:
                    self._put_aside(member, previous)
                else:
                    data = encoded.get(member.opening)
                    if data is None:
                        data = encoded[member.opening] = member.encode(updates)
                    member.writer.write(data)

    def _write_rest(self, member: Member, updates: Sequence[Update]) -> None:
        """Write what a member does not have that came in ahead of the group; nothing if it has left."""
        rest = [update for update in updates if update.seq > member.live_from]
        if rest:
            member.writer.write(member.encode(rest))

    def _put_aside(self, member: Member, position: int) -> None:
        del self._live[member]
        member.live_from = _NOT_LIVE
        self._behind[member] = asyncio.create_task(self._catch_up(member, position))

    async def _catch_up(self, member: Member, position: int) -> None:
        """Write to a member what follows `position` as fast as it takes it, until it can be live."""
        writer = member.writer
        try:
            while position < self._position and not writer.is_closing:
                # Of a connection's hundred members those who wait hold nothing that was read, and do not all
                # write when there is room again.
                async with writer.room:
                    await writer.drain()
                    position = await self._write_recorded(member, position)
        except Refused as refusal:
            self._drop(member, RequestError.of(refusal))
        except Exception as error:  # noqa: BLE001 - logged where it becomes an error of the response
            self._drop(member, RequestError.of(error))
        else:
            del self._behind[member]
            if not writer.is_closing:
                self._let_in(member, position)

    async def _write_recorded(self, member: Member, position: int) -> int:
        """Write some of what follows `position` to a member; return the number of the last event."""
        events = await self._stream.next(position)
        done = 0
        while done < len(events) and (not done or member.writer.unsent_bytes <= self._unsent_bytes):
            updates, done = await self._execute(events, done)
            if updates:
                member.writer.write(member.encode(updates))
        return events[done - 1].seq

    async def _execute(self, events: Sequence[Event], start: int) -> tuple[list[Update], int]:
        """Execute some events from the index `start` on; return the updates, and where the rest begins."""
        await self._slices.wait()
        updates: list[Update] = []
        size, done, most = 0, start, min(len(events), start + _EVENTS_AT_ONCE)
        while done < most and size < _BYTES_AT_ONCE:
            event = events[done]
            done += 1
            payload = self._selection.payload(event)
            if payload is not None:
                updates.append(Update(event.seq, payload, event.cursor))
                size += len(payload)
        return updates, done

    def _fail(self, error: RequestError) -> None:
        for member in (*self._live, *self._behind):
            self._drop(member, error)

    def _drop(self, member: Member, error: RequestError) -> None:
        member.leave()
        member.fail(error)
