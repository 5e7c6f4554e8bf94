"""Tell other processes something at once, or not at all: Redis publish and subscribe.

What is published while Redis is away is lost, and so is what a process would have heard while it was not
connected. So a subscriber is told each time from when on it hears everything, and looks up by other means
what it may have missed. Lives on the event loop's thread.
"""

import asyncio
import secrets
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub as Connection

from hotelmate.processes.redis import AWAY, answering, pauses

_MESSAGES_PER_REQUEST = 500
# What has to wait for longer than Redis takes for so many is old news.
_LONGEST_QUEUE = 10_000
_LAST_SECONDS = 1.0
_SENDER_BYTES = 8

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Subscriber:
    """What is called for the messages on a channel.

    `on_message` is handed what other processes publish. `on_ready` is called when everything published from
    then on will be heard, which is after each time that the connection was made.
    """

    on_message: Callable[[bytes], None]
    on_ready: Callable[[], None]


class PubSub:
    """Publishes to, and hears from, all other processes with the same namespace."""

    def __init__(self, redis: Redis, *, namespace: str, quiet_seconds: float = 5) -> None:
        """Prepare to talk; after `quiet_seconds` without a message Redis is asked whether it is there."""
        self._redis = redis
        self._quiet_seconds = quiet_seconds
        self._prefix = f"{namespace}:".encode()
        self._sender = secrets.token_bytes(_SENDER_BYTES)
        self._subscribers: defaultdict[bytes, set[Subscriber]] = defaultdict(set)
        self._confirmed: set[bytes] = set()
        self._changed = asyncio.Event()
        self._outgoing: deque[tuple[bytes, bytes]] = deque(maxlen=_LONGEST_QUEUE)
        self._has_outgoing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen and to send, on the running event loop."""
        self._tasks = [asyncio.create_task(self._keep_listening()), asyncio.create_task(self._keep_sending())]

    async def stop(self) -> None:
        """Send what waits to be sent, if Redis takes it soon, and hear no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(*AWAY):
            async with asyncio.timeout(_LAST_SECONDS):
                await self._send()

    def publish(self, channel: str, message: bytes) -> None:
        """Have the other processes told soon, in the order of the calls."""
        self._outgoing.append((self._prefix + channel.encode(), self._sender + message))
        self._has_outgoing.set()

    @contextmanager
    def subscribed(self, channel: str, subscriber: Subscriber) -> Iterator[None]:
        """Tell a subscriber what is published on a channel while the block runs."""
        name = self._prefix + channel.encode()
        self._subscribers[name].add(subscriber)
        self._changed.set()
        if name in self._confirmed:
            subscriber.on_ready()
        try:
            yield
        finally:
            self._subscribers[name].remove(subscriber)
            if not self._subscribers[name]:
                del self._subscribers[name]
                self._changed.set()

    async def _keep_listening(self) -> None:
        waits = pauses()
        while True:
            try:
                async with self._redis.pubsub() as connection, asyncio.TaskGroup() as tasks:
                    async with answering():
                        await connection.connect()
                    waits = pauses()
                    tasks.create_task(self._keep_subscribed(connection))
                    tasks.create_task(self._hear(connection))
            except* AWAY as errors:
                logger.warning("redis_lost", error=str(errors.exceptions[0]))
            self._confirmed.clear()
            await asyncio.sleep(next(waits))

    async def _keep_subscribed(self, connection: Connection) -> None:
        """Subscribe at Redis to the channels that have subscribers here, as these change."""
        told: set[bytes] = set()
        while True:
            self._changed.clear()
            wanted = set(self._subscribers)
            async with answering():
                if wanted - told:
                    await connection.subscribe(*(wanted - told))
                if told - wanted:
                    self._confirmed -= told - wanted
                    await connection.unsubscribe(*(told - wanted))
            told = wanted
            await self._changed.wait()

    async def _hear(self, connection: Connection) -> None:
        is_asked = False
        while True:
            message = await connection.get_message(timeout=self._quiet_seconds)
            if message is not None:
                is_asked = False
                self._obey(message)
            elif is_asked:
                raise TimeoutError("no answer to a ping")
            else:
                await connection.ping()
                is_asked = True

    def _obey(self, message: dict[str, Any]) -> None:
        channel = message["channel"]
        if message["type"] == "subscribe":
            self._confirmed.add(channel)
            for subscriber in tuple(self._subscribers.get(channel, ())):
                subscriber.on_ready()
        elif message["type"] == "message" and not message["data"].startswith(self._sender):
            for subscriber in tuple(self._subscribers.get(channel, ())):
                subscriber.on_message(message["data"][_SENDER_BYTES:])

    async def _keep_sending(self) -> None:
        waits = pauses()
        while True:
            await self._has_outgoing.wait()
            self._has_outgoing.clear()
            try:
                await self._send()
                waits = pauses()
            except AWAY:
                # By the time that Redis is back, whoever missed this has looked for it.
                self._outgoing.clear()
                await asyncio.sleep(next(waits))

    async def _send(self) -> None:
        while self._outgoing:
            messages = list(islice(self._outgoing, _MESSAGES_PER_REQUEST))
            async with answering(), self._redis.pipeline(transaction=False) as pipeline:
                for channel, message in messages:
                    pipeline.publish(channel, message)
                await pipeline.execute()
            for _ in messages:
                self._outgoing.popleft()
