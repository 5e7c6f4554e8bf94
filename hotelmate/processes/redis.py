"""The Redis that the processes share: reached, checked, and waited for while it is away.

Nothing that matters is kept there. An operation is tried once: who asks knows what to do when Redis is away,
and whether trying again would repeat something.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

AWAY = (RedisError, OSError, TimeoutError)
"""What an operation raises while Redis cannot be used."""

_OLDEST_VERSION = (6, 2)
_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 5
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1


class RedisUnavailable(Exception):
    """Redis cannot be used; the message is one line that says what to set."""


def connect(url: str) -> Redis:
    """Return a client; it connects when it is first used, and again whenever it has to."""
    # Its own time limit on answers goes through asyncio.wait_for, which on Python 3.11 can swallow being
    # cancelled. So there is none here, and `answering` is for those who wait.
    client: Redis = Redis.from_url(
        url,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=None,
        retry=Retry(NoBackoff(), retries=0),
        # Spoken by every version, so that one that is too old can say so.
        protocol=2,
    )
    return client


def answering() -> asyncio.Timeout:
    """Bound how long a block waits for Redis; a TimeoutError, which is one of `AWAY`, ends it."""
    return asyncio.timeout(_ANSWER_SECONDS)


def check(url: str) -> None:
    """Connect once, and ask Redis for its version.

    Raises:
        RedisUnavailable: nothing answers, or not a Redis that will do.
    """
    shown = _without_password(url)
    try:
        version = asyncio.run(_version(url))
    except (*AWAY, ValueError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise RedisUnavailable(
            f"Redis at {shown} cannot be used ({reason}); start it or set HOTELMATE_REDIS_URL"
        ) from error
    if tuple(int(number) for number in version.split(".")[:2]) < _OLDEST_VERSION:
        needed = ".".join(str(number) for number in _OLDEST_VERSION)
        raise RedisUnavailable(
            f"Redis at {shown} is of version {version} and HotelMate needs {needed} or later;"
            " upgrade it or set HOTELMATE_REDIS_URL"
        )


def seconds_ahead(url: str) -> float:
    """Return how far this machine's clock is ahead of Redis's.

    Raises:
        RedisUnavailable: Redis cannot be used.
    """
    try:
        seconds, microseconds = asyncio.run(_time(url))
    except AWAY as error:
        raise RedisUnavailable(f"Redis at {_without_password(url)} does not say what time it is") from error
    return time.time() - (seconds + microseconds / 1e6)


def pauses() -> Iterator[float]:
    """Yield how many seconds to wait before each next attempt.

    They grow, and are by chance, so that processes which lost Redis together do not come back together.
    """
    longest = _FIRST_PAUSE_SECONDS
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 - no secret
        longest = min(longest * 2, _LONGEST_PAUSE_SECONDS)


async def _version(url: str) -> str:
    async with connect(url) as client, answering():
        return str((await client.info("server")).get("redis_version", "0.0"))


async def _time(url: str) -> tuple[int, int]:
    async with connect(url) as client, answering():
        seconds, microseconds = await client.time()
        return seconds, microseconds


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
