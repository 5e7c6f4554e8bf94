"""A backplane on a Redis stream.

Unlike publish and subscribe, a stream keeps the last messages for a while, so that a server which loses its
connection for some seconds misses none. Redis need not keep it over a restart: what was read by then is gone,
and servers tell each other their state anew.

Source:
    Redis docs, "Redis streams": ids grow, and XREAD hands out every entry behind an id in their order.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio import Redis

from hotelmate.channels.backplane import BackplaneDownError, Listener
from hotelmate.processes.redis import AWAY, answering, pauses

_LONGEST_QUEUE = 10_000
_POSTS_PER_REQUEST = 500
_READS_PER_REQUEST = 500
_READ_SECONDS = 1.0
_START_SECONDS = 3.0
_LAST_SECONDS = 1.0
_SENDER, _MESSAGE = b"s", b"m"
# A stream that nobody uses any more is not kept for ever.
_EXPIRES_SECONDS = 3600

logger = structlog.get_logger()

Place = tuple[int, int]
"""The id of an entry: milliseconds, and a number within them."""

_BEGINNING: Place = (0, 0)


class RedisStream:
    """This server's end of the line; `server_id` is what the others call it."""

    def __init__(self, redis: Redis, *, key: str, kept: int = 10_000) -> None:
        """Prepare to use the stream at `key`, which keeps about so many messages."""
        self.server_id = secrets.token_hex(8)
        self._redis = redis
        self._key = key
        self._kept = kept
        self._place: Place | None = None
        self._look_back_seconds = 0.0
        self._is_late = False
        self._has_connected = asyncio.Event()
        self._is_connected = False
        self._posts: deque[tuple[bytes, bool]] = deque(maxlen=_LONGEST_QUEUE)
        self._has_posts = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_connected(self) -> bool:
        """See `Backplane.is_connected`."""
        return self._is_connected

    async def start(self, listener: Listener, *, look_back_seconds: float) -> None:
        """See `Backplane.start`."""
        self._look_back_seconds = look_back_seconds
        self._tasks = [
            asyncio.create_task(self._keep_reading(listener)),
            asyncio.create_task(self._keep_posting(listener)),
        ]
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._has_connected.wait()
        except TimeoutError:
            # Clients may come before the stream does, and something may be published in between.
            self._is_late = True

    async def stop(self) -> None:
        """See `Backplane.stop`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(*AWAY):
            async with asyncio.timeout(_LAST_SECONDS):
                await self._send_posts()

    async def send(self, messages: Sequence[bytes]) -> None:
        """See `Backplane.send`."""
        try:
            await self._add(messages)
        except AWAY as error:
            raise BackplaneDownError(str(error) or type(error).__name__) from error

    def post(self, message: bytes, *, is_lasting: bool = False) -> None:
        """See `Backplane.post`."""
        self._posts.append((message, is_lasting))
        self._has_posts.set()

    async def _add(self, messages: Sequence[bytes]) -> None:
        async with answering(), self._redis.pipeline(transaction=True) as pipeline:
            for message in messages:
                entry = {_SENDER: self.server_id, _MESSAGE: message}
                # The library's type for an entry is a dict of everything it takes, which no other dict is.
                pipeline.xadd(self._key, entry, maxlen=self._kept, approximate=True)  # type: ignore[arg-type]
            pipeline.expire(self._key, _EXPIRES_SECONDS)
            await pipeline.execute()

    async def _keep_posting(self, listener: Listener) -> None:
        waits = pauses()
        has_lost = False
        while True:
            await self._has_posts.wait()
            self._has_posts.clear()
            try:
                await self._send_posts()
            except AWAY:
                has_lost = True
                self._posts = deque((post for post in self._posts if post[1]), maxlen=_LONGEST_QUEUE)
                await asyncio.sleep(next(waits))
                self._has_posts.set()
            else:
                waits = pauses()
                if has_lost:
                    has_lost = False
                    listener.connected(has_missed=False)

    async def _send_posts(self) -> None:
        while self._posts:
            posts = [self._posts[number] for number in range(min(_POSTS_PER_REQUEST, len(self._posts)))]
            await self._add([message for message, _ in posts])
            for _ in posts:
                self._posts.popleft()

    async def _keep_reading(self, listener: Listener) -> None:
        waits = pauses()
        while True:
            try:
                async with answering():
                    has_missed = await self._find_place(listener)
                waits = pauses()
                self._is_connected = True
                self._has_connected.set()
                listener.connected(has_missed=has_missed)
                while True:
                    await self._read(listener)
            except AWAY as error:
                self._is_connected = False
                logger.warning("backplane_lost", error=str(error) or type(error).__name__)
            await asyncio.sleep(next(waits))

    async def _find_place(self, listener: Listener) -> bool:
        """Find out from where to read, and return whether something before that cannot be read any more."""
        newest: Any = await self._redis.xrevrange(self._key, count=1)
        last = _place(newest[0][0]) if newest else _BEGINNING
        if self._place is None:
            self._place = last
            # What was said lately tells a newcomer who the others are. The ids are of Redis's own clock.
            seconds, microseconds = await self._redis.time()
            since = int((seconds - self._look_back_seconds) * 1000 + microseconds / 1000)
            self._hand_over(await self._redis.xrange(self._key, min=since, max=_id(last)), listener)
            return self._is_late
        if last < self._place:
            # Begun anew, by a clock that is behind.
            self._place = _BEGINNING
            return False
        oldest: Any = await self._redis.xrange(self._key, count=1)
        is_trimmed = bool(oldest) and await self._redis.xlen(self._key) >= self._kept
        return is_trimmed and _place(oldest[0][0]) > self._place

    async def _read(self, listener: Listener) -> None:
        assert self._place is not None  # noqa: S101 - found before
        async with answering():
            found: Any = await self._redis.xread(
                {self._key: _id(self._place)},
                count=_READS_PER_REQUEST,
                block=int(_READ_SECONDS * 1000),
            )
        for _, entries in found or ():
            self._hand_over(entries, listener)

    def _hand_over(self, entries: Any, listener: Listener) -> None:
        for entry_id, entry in entries:
            self._place = _place(entry_id)
            sender = entry[_SENDER].decode()
            if sender != self.server_id:
                listener.receive(sender, entry[_MESSAGE])


def _id(place: Place) -> str:
    return f"{place[0]}-{place[1]}"


def _place(entry_id: bytes) -> Place:
    milliseconds, _, number = entry_id.partition(b"-")
    return int(milliseconds), int(number)
