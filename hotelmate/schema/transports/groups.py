"""Groups: everybody who follows the same in the same words, and so is sent the same bytes.

The group reads its hotel's stream in one task, and writes each event to all members that are live, one after
the other, without waiting for any. A member with too much unsent is no longer live: it reads the stream at
its own pace, in a task of its own, until it has come to where the group is. Both count by the numbers of the
events, so nothing is lost and nothing comes twice whatever happens in between.
"""

import asyncio
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing
from typing import NamedTuple

from hotelmate.errors import Refused
from hotelmate.events.broker import Broker
from hotelmate.events.log import Event
from hotelmate.schema.transports.operations import RequestError
from hotelmate.schema.transports.selections import Selection
from hotelmate.sockets import Writer

# What is done without giving way to others: some milliseconds' worth.
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
        on_close: Callable[[], None],
    ) -> None:
        """Begin to follow the hotel; a member with more than `unsent_bytes` does not hold up the others."""
        self._selection = selection
        self._position = position
        self._unsent_bytes = unsent_bytes
        self._live: dict[Member, None] = {}
        self._behind: dict[Member, asyncio.Task[None]] = {}
        self._closing = ExitStack()
        self._closing.callback(on_close)
        self._stream = self._closing.enter_context(broker.subscribe(hotel_id))
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
        for updates, last_seq in self._executed(events):
            # Whoever joins from here on, while some members wait for their turn, has these updates or catches
            # up with them.
            previous, self._position = self._position, last_seq
            if updates:
                await self._write_to_all(updates, previous)
            if last_seq < events[-1].seq:
                await asyncio.sleep(0)

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
        try:
            while position < self._position and not member.writer.is_closing:
                for updates, last_seq in self._executed(await self._stream.after(position)):
                    await member.writer.drain()
                    if updates:
                        member.writer.write(member.encode(updates))
                    position = last_seq
                    await asyncio.sleep(0)
        except Refused as refusal:
            self._drop(member, RequestError.of(refusal))
        except Exception as error:  # noqa: BLE001 - logged where it becomes an error of the response
            self._drop(member, RequestError.of(error))
        else:
            del self._behind[member]
            if not member.writer.is_closing:
                self._let_in(member, position)

    def _executed(self, events: Sequence[Event]) -> Iterator[tuple[list[Update], int]]:
        """Yield the updates for some events at a time, and the number of the last of these events."""
        updates: list[Update] = []
        size = 0
        for count, event in enumerate(events, 1):
            payload = self._selection.payload(event)
            if payload is not None:
                updates.append(Update(event.seq, payload, event.cursor))
                size += len(payload)
            if size >= _BYTES_AT_ONCE or count % _EVENTS_AT_ONCE == 0 or count == len(events):
                yield updates, event.seq
                updates, size = [], 0

    def _fail(self, error: RequestError) -> None:
        for member in (*self._live, *self._behind):
            self._drop(member, error)

    def _drop(self, member: Member, error: RequestError) -> None:
        member.leave()
        member.fail(error)
