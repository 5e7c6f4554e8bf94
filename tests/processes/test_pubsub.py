"""What one process publishes the others hear while Redis carries it, and they know from when on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from hotelmate.processes.pubsub import PubSub, Subscriber
from hotelmate.processes.redis import connect
from tests.redis_server import REDIS, RedisServer


class Ear:
    """Notes what it hears, and how often it was told that it hears everything."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.times_ready = 0
        self.subscriber = Subscriber(self.heard.append, self._ready)

    def _ready(self) -> None:
        self.times_ready += 1


@asynccontextmanager
async def started(url: str, namespace: str, **options: float) -> AsyncIterator[PubSub]:
    async with connect(url) as redis:
        pubsub = PubSub(redis, namespace=namespace, **options)
        pubsub.start()
        yield pubsub
        await pubsub.stop()


async def until(is_true: Callable[[], bool], *, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not is_true():
            await asyncio.sleep(0.005)


async def test_the_others_hear_what_is_published_in_its_order(redis: Redis, namespace: str) -> None:
    ear = Ear()
    async with started(REDIS, namespace) as one, started(REDIS, namespace) as other:
        with other.subscribed("a", ear.subscriber):
            await until(lambda: ear.times_ready == 1)
            for number in range(2000):
                one.publish("a", str(number).encode())
            await until(lambda: len(ear.heard) >= 2000)
    assert ear.heard == [str(number).encode() for number in range(2000)]


async def test_nobody_hears_itself_another_channel_or_another_namespace(redis: Redis, namespace: str) -> None:
    own, elsewhere, other_channel, right = Ear(), Ear(), Ear(), Ear()
    async with (
        started(REDIS, namespace) as one,
        started(REDIS, namespace) as other,
        started(REDIS, f"{namespace}:x") as foreign,
    ):
        with (
            one.subscribed("a", own.subscriber),
            foreign.subscribed("a", elsewhere.subscriber),
            other.subscribed("b", other_channel.subscriber),
            other.subscribed("a", right.subscriber),
        ):
            await until(lambda: all(ear.times_ready for ear in (own, elsewhere, other_channel, right)))
            one.publish("a", b"\x00\xff")
            await until(lambda: bool(right.heard))
    assert (own.heard, elsewhere.heard, other_channel.heard, right.heard) == ([], [], [], [b"\x00\xff"])


async def test_only_what_somebody_subscribes_to_is_asked_for(redis: Redis, namespace: str) -> None:
    async def asked_for() -> set[bytes]:
        return set(await redis.pubsub_channels(f"{namespace}:*"))

    first, second = Ear(), Ear()
    async with started(REDIS, namespace) as one:
        with one.subscribed("a", first.subscriber):
            await until(lambda: first.times_ready == 1)
            with one.subscribed("a", second.subscriber), one.subscribed("b", second.subscriber):
                await until(lambda: second.times_ready == 2)
                assert await asked_for() == {f"{namespace}:a".encode(), f"{namespace}:b".encode()}
            while await asked_for() != {f"{namespace}:a".encode()}:
                await asyncio.sleep(0.005)
        while await asked_for():
            await asyncio.sleep(0.005)
        with one.subscribed("a", second.subscriber):
            await until(lambda: second.times_ready == 3)


async def test_after_redis_was_killed_all_hear_again_and_are_told_so(
    redis_server: RedisServer, namespace: str
) -> None:
    ear = Ear()
    async with (
        started(redis_server.url, namespace) as one,
        started(redis_server.url, namespace) as other,
    ):
        with other.subscribed("a", ear.subscriber):
            await until(lambda: ear.times_ready == 1)
            await redis_server.kill()
            one.publish("a", b"lost")
            await asyncio.sleep(0.3)
            await redis_server.start()
            await until(lambda: ear.times_ready == 2)
            while not ear.heard:
                one.publish("a", b"heard")
                await asyncio.sleep(0.05)
    assert set(ear.heard) == {b"heard"}


async def test_a_redis_that_is_silent_is_given_up_and_found_again(
    redis_server: RedisServer, namespace: str
) -> None:
    ear = Ear()
    async with started(redis_server.url, namespace, quiet_seconds=0.2) as one:
        with one.subscribed("a", ear.subscriber):
            await until(lambda: ear.times_ready == 1)
            redis_server.freeze()
            await asyncio.sleep(0.5)
            redis_server.thaw()
            await until(lambda: ear.times_ready == 2)


async def test_what_was_said_last_still_goes_out(redis: Redis, namespace: str) -> None:
    ear = Ear()
    async with started(REDIS, namespace) as other:
        with other.subscribed("a", ear.subscriber):
            await until(lambda: ear.times_ready == 1)
            async with started(REDIS, namespace) as one:
                one.publish("a", b"goodbye")
            await until(lambda: ear.heard == [b"goodbye"])
