"""A time limit for each operation, and how its work is stopped when the time is over.

A door starts the clock (`limited`) and has the work done in a worker thread (`carry_out`). A thread cannot be
killed, so the SQL statement that it is running is stopped: on SQLite the thread itself looks at the clock
while a statement runs, PostgreSQL is sent a cancel request over another connection. Before each statement
`check` refuses to go on. Python code that uses no database is not stopped; limits on requests bound what it
costs. Once a commit has begun (`committing`) nothing is stopped any more, so that the outcome is known: the
whole transaction, or nothing of it.
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

# How long a statement that has been stopped, or a commit that had begun, may still take.
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
        """Whether the statement that runs now must not be stopped: SQLite would undo others' work with it."""

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
        """Whether the statement that runs in this thread is to be stopped."""
        return self.is_over and not (self.spares_statement or self._is_committing)

    def check(self) -> None:
        """Go on only if there is time left, or a commit has begun.

        Raises:
            TimedOut: there is none.
        """
        if self.is_over and not self._is_committing:
            raise TimedOut

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock while the block runs."""
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
        """Set what stops the statements that run from now on; None when nothing does.

        When this returns, nothing is being stopped by what was set before.
        """
        with self._lock:
            self._cancel = cancel

    def cancel(self) -> None:
        """Stop the statement that is running, from another thread; on SQLite its own thread does so.

        Blocks. A statement that has not quite begun is missed, so this may have to be repeated.
        """
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
        """Return the error for a caller who waits no longer although the work has not ended."""
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
    """Make the block one operation, with so many seconds."""
    token = _current.set(Deadline(seconds))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def paused() -> Iterator[None]:
    """Stop the clock of this operation while the block runs: it has limits of its own."""
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
    """Run `work` in one of the threads, and stop it when the operation's time is over.

    Args:
        threads: where it runs.
        work: what is done; it is not begun when it is too late.
        waits_freely: whether waiting for a free thread does not count as the operation's time.

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
    """Stop what runs, and return its result after all if it was done at the last moment."""
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
    """Retrieve an error that nobody waits for any more, lest asyncio complains of it."""
    if not future.cancelled():
        future.exception()
