"""How long one operation may take, and what ends its work when the time is over.

An edge says that an operation begins (`limited`); what it has done in worker threads (`carry_out`) is then
ended in time. A thread cannot be killed, so its statement is: on SQLite the thread itself asks whether the
time is over while a statement runs, PostgreSQL is told over another connection. Between statements `check`
says so. Python that uses no database runs on; what a request may cost bounds it. From `committing` on nothing
is ended any more, so that the outcome is known: all of a transaction, or nothing.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TypeVar

import structlog

from hotelmate.errors import OutcomeUnknown, TimedOut

Result = TypeVar("Result")

# For a statement to end that has been told to, or for a commit that had begun.
LAST_SECONDS = 3.0
_AGAIN_SECONDS = 0.2
_SHORTEST_WAIT_SECONDS = 0.05
LATE = "The change was not confirmed in time. See whether it was made."

logger = structlog.get_logger(__name__)


class Deadline:
    """The time that one operation has. The event loop and the thread that does its work share it."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._paused_at: float | None = None
        self._lock = threading.Lock()
        self._cancel: Callable[[], None] | None = None
        self._is_committing = False
        self._has_committed = False
        self.spares_statement = False
        """Whether the statement that runs now has to come to its own end, for others' sake."""

    @property
    def remaining_seconds(self) -> float:
        """How long is left; less than 0 when the time is over."""
        return self._ends_at - (self._paused_at or time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.remaining_seconds <= 0

    @property
    def ends_statement(self) -> bool:
        """Whether the statement that runs in this thread is to be ended."""
        return self.is_over and not (self.spares_statement or self._is_committing)

    def check(self) -> None:
        """Go on only if there is time, or if what has begun must come to its end.

        Raises:
            TimedOut: there is none.
        """
        if self.is_over and not self._is_committing:
            raise TimedOut

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Not count what the block takes."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def pause(self) -> None:
        """Stop the clock."""
        self._paused_at = time.monotonic()

    def resume(self) -> None:
        """Let the clock go on, if it was stopped."""
        if self._paused_at is not None:
            self._ends_at += time.monotonic() - self._paused_at
            self._paused_at = None

    def cancelled_by(self, cancel: Callable[[], None] | None) -> None:
        """Have `cancel` end what runs from now on; None when nothing does. It is not under way afterwards."""
        with self._lock:
            self._cancel = cancel

    def cancel(self) -> None:
        """End the statement that runs, if that takes another thread; blocks, and may have to be repeated."""
        # Holding the lock: whoever gives the connection back waits, so that nobody else's statement is hit.
        with self._lock:
            if self._cancel is not None and not self._is_committing:
                try:
                    self._cancel()
                except Exception as error:  # noqa: BLE001 - whatever the driver finds; it is tried again
                    logger.warning("statement_not_cancelled", error=str(error))

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Let the block, which commits, come to its own end.

        Raises:
            TimedOut: it is too late to begin.
        """
        with self._lock:
            self.check()
            self._is_committing = True
        try:
            yield
            self._has_committed = True
        finally:
            self._is_committing = False

    def give_up(self) -> TimedOut | OutcomeUnknown:
        """Return what the caller is told while the work has still not ended."""
        with self._lock:
            if self._is_committing or self._has_committed:
                return OutcomeUnknown(LATE)
            return TimedOut()


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current() -> Deadline | None:
    """Return the deadline of the operation that this runs for; None when it may take as long as it likes."""
    return _current.get()


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Give what the block does so many seconds."""
    token = _current.set(Deadline(seconds))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def paused() -> Iterator[None]:
    """Not count what the block takes: it has limits of its own."""
    deadline = current()
    if deadline is None:
        yield
        return
    with deadline.paused():
        yield


@contextmanager
def committing() -> Iterator[None]:
    """Let the block, which commits, come to its own end.

    Raises:
        TimedOut: it is too late to begin.
    """
    deadline = current()
    if deadline is None:
        yield
        return
    with deadline.committing():
        yield


async def carry_out(threads: Executor, work: Callable[[], Result], *, waits_freely: bool = False) -> Result:
    """Run `work` in one of the threads, and have it ended when the operation's time is over.

    Args:
        threads: where it runs.
        work: what is done; it is not begun when it is too late.
        waits_freely: whether the wait for a thread does not count.

    Raises:
        TimedOut: there was no time; unless `work` raised it, nothing of it was committed.
        OutcomeUnknown: a commit took longer than could be waited for.
    """
    loop = asyncio.get_running_loop()
    deadline = current()
    if deadline is None:
        return await loop.run_in_executor(threads, copy_context().run, work)
    if waits_freely:
        deadline.pause()
    has_begun = threading.Event()

    def begin() -> Result:
        has_begun.set()
        deadline.resume()
        deadline.check()
        return work()

    future = loop.run_in_executor(threads, copy_context().run, begin)
    while True:
        try:
            await asyncio.wait({future}, timeout=max(deadline.remaining_seconds, _SHORTEST_WAIT_SECONDS))
        except asyncio.CancelledError:
            future.cancel()
            raise
        if future.done():
            return future.result()
        if deadline.is_over:
            break
    if not has_begun.is_set():
        future.cancel()
        raise TimedOut
    return await _end(deadline, future)


async def _end(deadline: Deadline, future: asyncio.Future[Result]) -> Result:
    """End what runs, and return what came of it: it may have been done at the last moment."""
    loop = asyncio.get_running_loop()
    future.add_done_callback(_look_at)
    until = loop.time() + LAST_SECONDS
    while not future.done():
        if loop.time() >= until:
            raise deadline.give_up()
        await loop.run_in_executor(None, deadline.cancel)
        await asyncio.wait({future}, timeout=_AGAIN_SECONDS)
    return future.result()


def _look_at(future: asyncio.Future[Result]) -> None:
    """Take notice of an error that nobody waits for any more."""
    if not future.cancelled():
        future.exception()
