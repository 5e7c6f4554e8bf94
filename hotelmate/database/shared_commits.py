"""One commit for the transactions that wait for each other anyway.

SQLite has one writer, and a commit that survives a power cut waits for the disk. So a transaction that finds
others waiting behind it does not commit: it hands the connection on, the next goes on in it, and the last
commits for all. Each is a savepoint, so one that fails takes back its own changes and nobody else's. None
returns before the commit; when that fails, all fail.

One whose time is over is a failure like others. But a statement that writes is not ended in the middle when
there are changes of others to commit: SQLite would take back the whole transaction with it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from hotelmate import deadlines
from hotelmate.database.transactions import Tell, announced_in
from hotelmate.errors import OutcomeUnknown, TimedOut

# The first of many waits for the last; by then it has waited this long, and one transaction more.
_LONGEST_SECONDS = 0.05


@dataclass(slots=True, eq=False)
class _Batch:
    """A transaction of the database that several of ours share."""

    connection: Connection
    began_at: float = field(default_factory=time.monotonic)
    has_changes: bool = False
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

    def __init__(self, engine: Engine, tell: Tell) -> None:
        """Prepare to write; `tell` is called after each commit with all that was announced, in order."""
        self._engine = engine
        self._tell = tell
        self._turns = threading.Condition()
        self._is_taken = False
        self._waiting = 0
        self._batch: _Batch | None = None
        event.listen(engine, "before_cursor_execute", self._spare_others)

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self._waiting

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session that is committed when the block ends and rolled back when it raises.

        Raises:
            DBAPIError: what the commit raised, or what had ended the transaction before; nothing was changed.
            TimedOut: it was not its turn, or not finished, in time; nothing was changed.
            OutcomeUnknown: others took too long to commit for it.
        """
        with ExitStack() as until_committed:
            self._take_turn()
            try:
                batch = self._batch = self._batch or self._begin()
            except BaseException:
                self._pass_turn_on()
                raise
            try:
                with self._session(batch) as session:
                    yield session
                    session.flush()
                    until_committed.enter_context(deadlines.committing())
            finally:
                self._end_turn(batch)
            _wait_for_end(batch)

    def _take_turn(self) -> None:
        deadline = deadlines.current()
        with self._turns:
            self._waiting += 1
            try:
                is_free = self._turns.wait_for(
                    lambda: not self._is_taken, None if deadline is None else deadline.remaining_seconds
                )
                # The one before may have counted on whoever waits: a turn that is free is taken, even late.
                if not is_free:
                    raise TimedOut
                self._is_taken = True
            finally:
                self._waiting -= 1

    def _pass_turn_on(self) -> None:
        with self._turns:
            self._is_taken = False
            self._turns.notify()

    def _end_turn(self, batch: _Batch) -> None:
        """End the transaction, or leave it to those who wait."""
        with self._turns:
            is_young = time.monotonic() - batch.began_at < _LONGEST_SECONDS
            if batch.error is None and self._waiting and is_young:
                self._is_taken = False
                self._turns.notify()
                return
        self._batch = None
        try:
            self._finish(batch)
        finally:
            self._pass_turn_on()
            batch.is_over.set()

    def _spare_others(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        deadline = deadlines.current()
        if deadline is not None:
            deadline.spares_statement = (
                self._batch is not None and self._batch.has_changes and not statement.startswith("SELECT")
            )

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
            batch.has_changes = True
            batch.notices.extend(announced_in(session))
        finally:
            if batch.error is None:
                session.close()

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


def _wait_for_end(batch: _Batch) -> None:
    deadline = deadlines.current()
    longest = None if deadline is None else max(0.0, deadline.remaining_seconds) + deadlines.LAST_SECONDS
    if not batch.is_over.wait(longest):
        raise OutcomeUnknown(deadlines.LATE)
    if batch.error is not None:
        raise _again(batch.error) from batch.error


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
