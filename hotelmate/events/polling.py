"""Do a piece of work at intervals, and at once when asked.

Whatever tells one part of HotelMate of something new (a wake, a message from another process) may be lost. A
poll finds it all the same.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import structlog

from hotelmate.errors import Unavailable

# When several callers ask in one moment, the work is done once.
_GATHER_SECONDS = 0.01
_RETRY_SECONDS = 1.0

logger = structlog.get_logger(__name__)


class Poll:
    """Repeats one piece of work. When the database is away, it is tried again within a second or so."""

    def __init__(self, work: Callable[[], Awaitable[object]], *, every_seconds: float) -> None:
        self._work = work
        self._every_seconds = every_seconds
        self._asked = asyncio.Event()

    def soon(self) -> None:
        """Have the work done now rather than at the end of the interval; safe before `run`."""
        self._asked.set()

    async def run(self) -> None:
        """Work until cancelled."""
        pause = self._every_seconds
        while True:
            await self._wait(pause)
            self._asked.clear()
            pause = self._every_seconds
            try:
                await self._work()
            except Unavailable as error:
                logger.warning("poll_failed", error=error.message)
                pause = min(pause, _RETRY_SECONDS)
            except Exception:
                logger.exception("poll_failed")

    async def _wait(self, seconds: float) -> None:
        # By chance, so that the processes do not all ask at once.
        longest = seconds * random.uniform(0.8, 1)  # noqa: S311 - no secret
        try:
            async with asyncio.timeout(longest):
                await self._asked.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_GATHER_SECONDS)


@asynccontextmanager
async def polling(polls: Iterable[Poll]) -> AsyncIterator[None]:
    """Have each of the polls run while the block does."""
    tasks = [asyncio.create_task(poll.run()) for poll in polls]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
