"""One commit for the transactions that wait for each other anyway.

SQLite has one writer, and a commit that survives a power cut waits for the disk. So a transaction that finds
others waiting behind it does not commit: it hands the connection on, the next goes on in it, and the last
commits for all. Each is a savepoint, so one that fails takes back its own changes and nobody else's. None
returns before the commit; when that fails, all fail.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

# The first of many waits for the last; by then it has waited this long, and one transaction more.
_LONGEST_SECONDS = 0.05

TakeNotices = Callable[[Session], Sequence[object]]
"""Returns what a session that is about to be committed has announced."""


@dataclass(slots=True, eq=False)
class _Batch:
    """A transaction of the database that several of ours share."""

    connection: Connection
    began_at: float = field(default_factory=time.monotonic)
    notices: list[object] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None

    @property
    def is_intact(self) -> bool:
        """Whether it is still open: SQLite ends it by itself when the disk is full, or fails."""
        driver_connection = self.connection.connection.driver_connection
        return bool(driver_connection is not None and driver_connection.in_transaction)


class SharedCommits:
    """The transactions of one SQLite engine, whose `begin` takes the database's lock for writing."""

    def __init__(
        self, engine: Engine, *, take_notices: TakeNotices, tell: Callable[[Sequence[object]], None]
    ) -> None:
        """Prepare to write; `tell` is called after each commit with all that was announced, in order."""
        self._engine = engine
        self._take_notices = take_notices
        self._tell = tell
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._batch: _Batch | None = None

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self._waiting

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session that is committed when the block ends and rolled back when it raises.

        Raises:
            DBAPIError: what the commit raised, or what had ended the transaction before; nothing was changed.
        """
        self._take_turn()
        try:
            batch = self._batch = self._batch or self._begin()
            try:
                with self._session(batch) as session:
                    yield session
            finally:
                self._end_unless_others_wait(batch)
        finally:
            self._turn.release()
        batch.is_over.wait()
        if batch.error is not None:
            raise _again(batch.error) from batch.error

    def _take_turn(self) -> None:
        with self._count:
            self._waiting += 1
        self._turn.acquire()
        with self._count:
            self._waiting -= 1

    def _begin(self) -> _Batch:
        connection = self._engine.connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return _Batch(connection)

    @contextmanager
    def _session(self, batch: _Batch) -> Iterator[Session]:
        """Open a session on a savepoint, which is kept when the block ends and taken back when it raises."""
        session = Session(batch.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        try:
            yield session
            session.commit()
        except Exception as error:
            if batch.is_intact:
                raise
            origin = batch.error = _origin(error)
            # There is no savepoint any more to go back to.
            with suppress(DBAPIError):
                session.close()
            if origin is error:
                raise
            raise origin from None
        else:
            batch.notices.extend(self._take_notices(session))
        finally:
            if batch.error is None:
                session.close()

    def _end_unless_others_wait(self, batch: _Batch) -> None:
        is_young = time.monotonic() - batch.began_at < _LONGEST_SECONDS
        if batch.error is None and self._waiting and is_young:
            return
        self._batch = None
        try:
            self._finish(batch)
        finally:
            batch.is_over.set()

    def _finish(self, batch: _Batch) -> None:
        try:
            if batch.error is None:
                batch.connection.commit()
        except Exception as error:  # noqa: BLE001 - raised to everybody who waits for it
            batch.error = error
        finally:
            if batch.error is not None:
                # Closing it for good is what surely ends a transaction whose commit has failed.
                batch.connection.invalidate()
            batch.connection.close()
        if batch.error is None and batch.notices:
            # In the writer's turn, so that listeners hear commits in their order.
            self._tell(batch.notices)


def _origin(error: Exception) -> Exception:
    """Return what ended a transaction, rather than what going back to its savepoint came to after that."""
    cause: BaseException | None = error
    while cause is not None:
        error = cause if isinstance(cause, DBAPIError) else error
        cause = cause.__context__
    return error


def _again(error: Exception) -> Exception:
    """Return the error anew, for each thread its own."""
    if isinstance(error, DBAPIError):
        assert error.orig is not None  # noqa: S101 - the driver's, which is why there is one
        return type(error)(error.statement, error.params, error.orig, hide_parameters=error.hide_parameters)
    return RuntimeError("the transaction that was shared has failed")
