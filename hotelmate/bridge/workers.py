"""Work on many hotels side by side, and on each of them one thing at a time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from hotelmate.errors import Unavailable

logger = structlog.get_logger(__name__)


class HotelWorkers:
    """Runs one kind of work for the hotels that ask for attention.

    Work that fails is logged and left alone until somebody asks for attention again. Lives on the event
    loop's thread.
    """

    def __init__(self, work: Callable[[int], Awaitable[bool]], *, parallel: int) -> None:
        """Prepare to run `work(hotel_id)`, which says whether there is more to do at once."""
        self._work = work
        self._slots = asyncio.Semaphore(parallel)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._asked_again: set[int] = set()
        self._is_stopping = False

    def attend(self, hotel_id: int) -> None:
        """Have the hotel's work done soon, or once more when it is being done already."""
        if self._is_stopping:
            return
        if hotel_id in self._tasks:
            self._asked_again.add(hotel_id)
        else:
            self._tasks[hotel_id] = asyncio.create_task(self._run(hotel_id))

    def is_at(self, hotel_id: int) -> bool:
        """Whether the hotel's work is being done, or about to be."""
        return hotel_id in self._tasks

    async def stop(self, *, within_seconds: float) -> None:
        """Begin nothing new; let what is running end in time, and break off what does not."""
        self._is_stopping = True
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=within_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, hotel_id: int) -> None:
        has_more = False
        try:
            async with self._slots:
                self._asked_again.discard(hotel_id)
                has_more = await self._work(hotel_id)
        except Unavailable as error:
            # A database that is away comes back; meanwhile one line a time is enough.
            logger.warning("work_failed", hotel_id=hotel_id, error=error.message)
        except Exception:
            logger.exception("work_failed", hotel_id=hotel_id)
        finally:
            del self._tasks[hotel_id]
        if has_more or hotel_id in self._asked_again:
            self.attend(hotel_id)
