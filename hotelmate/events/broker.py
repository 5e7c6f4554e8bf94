"""Hand each hotel's events, in order, to whoever listens in this process.

Promises nothing lost and nothing twice to a subscriber that comes back with the number of the last event it
has seen. Stores nothing that matters: the log is the truth, and a stream that finds a gap reads it there.
A subscriber is a place in the stream, not a queue: one that reads slowly holds no memory, and reads the log
once the stream has moved past what it keeps. Lives on the event loop's thread.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from itertools import islice

import structlog

from hotelmate.errors import CursorExpired
from hotelmate.events.log import Event

ReadLog = Callable[[int, int, int], Awaitable[list[Event]]]
"""Reads `(hotel_id, after, limit)` from the log: up to `limit` events after a number, oldest first."""

Follow = Callable[[int], AbstractContextManager[object]]
"""Opened for a hotel while somebody here listens to it, so that other processes' events arrive as well."""

_CHUNK = 200
# Two commits can be announced in the wrong order by two threads; what is missing is then on its way.
_GAP_GRACE_SECONDS = 0.05
_GAP_RETRY_SECONDS = 1.0

logger = structlog.get_logger(__name__)


class Broker:
    """The streams of the hotels that somebody listens to."""

    def __init__(self, read_log: ReadLog, *, ring_size: int = 512, follow: Follow = nullcontext) -> None:
        self._read_log = read_log
        self._ring_size = ring_size
        self._follow = follow
        self._streams: dict[int, Stream] = {}

    @property
    def followed_hotels(self) -> set[int]:
        """The ids of the hotels that somebody listens to."""
        return set(self._streams)

    def publish(self, event: Event) -> None:
        """Take an event that has been committed. Order and repeats do not matter."""
        stream = self._streams.get(event.hotel_id)
        if stream is not None:
            stream.accept(event)

    def advance(self, hotel_id: int, seq: int) -> None:
        """Learn that the hotel's newest event is number `seq`; the stream fetches those that it lacks."""
        stream = self._streams.get(hotel_id)
        if stream is not None:
            stream.advance(seq)

    @contextmanager
    def subscribe(self, hotel_id: int) -> Iterator["Stream"]:
        """Give the hotel's stream, which goes on for as long as somebody is subscribed."""
        stream = self._streams.get(hotel_id) or self._open(hotel_id)
        stream.subscribers += 1
        try:
            yield stream
        finally:
            stream.subscribers -= 1
            if stream.subscribers == 0:
                stream.close()
                del self._streams[hotel_id]

    def _open(self, hotel_id: int) -> "Stream":
        stream = Stream(hotel_id, self._read_log, ring_size=self._ring_size, following=self._follow(hotel_id))
        self._streams[hotel_id] = stream
        return stream


class Stream:
    """The last events of one hotel, without a gap, and those who wait for the next.

    A fresh stream knows nothing; it joins the log at the first event that it is given, and whoever follows it
    from before reads the log up to there.
    """

    def __init__(
        self,
        hotel_id: int,
        read_log: ReadLog,
        *,
        ring_size: int,
        following: AbstractContextManager[object],
    ) -> None:
        self.subscribers = 0
        self._hotel_id = hotel_id
        self._read_log = read_log
        self._ring: deque[Event] = deque(maxlen=ring_size)
        self._early: dict[int, Event] = {}
        self._moved = asyncio.Event()
        self._filling: asyncio.Task[None] | None = None
        self._known_seq = 0
        self._following = ExitStack()
        self._following.enter_context(following)

    @property
    def last_seq(self) -> int | None:
        """The newest number in the ring; None while it is empty."""
        return self._ring[-1].seq if self._ring else None

    def accept(self, event: Event) -> None:
        """Add an event in its place; one that is early waits for those before it."""
        last = self.last_seq
        if last is not None and event.seq <= last:
            return
        if last is not None and event.seq > last + 1:
            self._early[event.seq] = event
            self.advance(event.seq)
            return
        self._ring.append(event)
        while (following := self._early.pop(event.seq + 1, None)) is not None:
            self._ring.append(following)
            event = following
        self._known_seq = max(self._known_seq, event.seq)
        if event.seq < self._known_seq:
            self._fill_soon()
        self._wake()

    def advance(self, seq: int) -> None:
        """Learn the number of the newest event in the log, and fetch what is missing up to it."""
        if seq <= self._known_seq:
            return
        self._known_seq = seq
        last = self.last_seq
        if last is None:
            # The stream cannot know what is missing: each follower reads the log from its own place.
            self._wake()
        elif seq > last:
            self._fill_soon()

    async def follow(self, after: int) -> AsyncGenerator[list[Event], None]:
        """Yield what follows the number `after`, for ever: what is recorded, then what comes.

        Each list holds one event or more: what there was at the time. The caller has made sure that the log
        still holds what follows (`log.position`).

        Raises:
            CursorExpired: the log was pruned past this reader's place before it came to read.
        """
        position = after
        while True:
            batch = await self.next(position)
            yield batch
            position = batch[-1].seq

    async def next(self, position: int) -> list[Event]:
        """Return some of what follows a number, oldest first, as soon as there is something.

        Raises:
            CursorExpired: the log was pruned past this number.
        """
        while True:
            moved = self._moved
            batch = await self._after(position)
            if batch:
                return batch
            await moved.wait()

    def close(self) -> None:
        """Stop filling gaps; nobody listens any more."""
        self._following.close()
        if self._filling is not None:
            self._filling.cancel()

    async def _after(self, position: int) -> list[Event]:
        """Return some of what follows a number at present; nothing when nothing does."""
        batch = self._held_after(position)
        if batch is None:
            held_from = self._ring[0].seq if self._ring else self._known_seq + 1
            batch = await self._read_log(self._hotel_id, position, _CHUNK)
            # What was known of before the read is committed: the log has all up to there, or pruned it.
            if (batch[0].seq if batch else held_from) > position + 1:
                raise CursorExpired
        return batch

    def _held_after(self, position: int) -> list[Event] | None:
        """What the ring holds after a number; None when only the log can tell what follows it."""
        if not self._ring or position + 1 < self._ring[0].seq:
            return None
        first = position + 1 - self._ring[0].seq
        return list(islice(self._ring, first, first + _CHUNK))

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    def _fill_soon(self) -> None:
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        """Read what is missing from the log, until the ring holds the newest event that is known of."""
        await asyncio.sleep(_GAP_GRACE_SECONDS)
        while (last := self._ring[-1].seq) < self._known_seq:
            try:
                missing = await self._read_log(self._hotel_id, last, _CHUNK)
            except Exception:
                logger.exception("gap_not_filled", hotel_id=self._hotel_id, after_seq=last)
                missing = []
            if not missing:
                await asyncio.sleep(_GAP_RETRY_SECONDS)
            elif missing[0].seq > last + 1:
                # Pruned while it was missing: begin anew behind the hole; each reader meets it by itself.
                self._ring.clear()
            for event in missing:
                self.accept(event)
