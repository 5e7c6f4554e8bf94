"""Engines, transactions, and a hotel's turn.

Promises that what a transaction announces (events, ended rights) reaches the listeners after its commit and
never without one. Sessions are synchronous and short: one operation each, in a worker thread. A database that
is away or full raises `Unavailable`, and is used again as soon as it is back. An operation whose time is over
(`deadlines`) raises `TimedOut`, and its statement is ended.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NewType, TypeVar

from sqlalchemy import URL, Connection, Engine, bindparam, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, select

from hotelmate import deadlines
from hotelmate.errors import OutcomeUnknown, TimedOut, Unavailable
from hotelmate.models import Hotel
from hotelmate.shared_commits import SharedCommits
from hotelmate.telemetry.tracing import traced_part

Reading = NewType("Reading", Session)
# What may write may also read; not the reverse.
Transaction = NewType("Transaction", Reading)

Result = TypeVar("Result")
Listener = Callable[[Sequence[object]], None]

_NOTICES = "hotelmate.notices"
_TURNS = "hotelmate.turns"
_SQLITE_BUSY_SECONDS = 10
# Instructions of its virtual machine, some milliseconds of them: asking takes the interpreter's lock.
_SQLITE_STEPS_BETWEEN_QUESTIONS = 100_000
# As many may read at once, or wait for one commit.
_SQLITE_THREADS = 8
# An error's text is logged, and parameters are guests' data, WiFi passwords and token hashes.
_HIDE_PARAMETERS = True
_POSTGRESQL_CONNECTIONS = 10
_CANCEL_SECONDS = 2
_CANCELLED = "57014"
_APPLICATION_NAME = "hotelmate"
_POSTGRESQL_OPTIONS = {
    # A process that was stopped, or whose machine is gone, must not keep a hotel's turn.
    "idle_in_transaction_session_timeout": "10s",
    "tcp_user_timeout": "10s",
    "lock_timeout": "10s",
}
_OLDEST_POSTGRESQL = 14
# The first that knows RETURNING.
_OLDEST_SQLITE = (3, 35)
_CONNECT_SECONDS = 3
# Connections refused or lost; too many of them, disk or memory full; a lock waited for in vain; a server that
# stops or starts; input and output.
_AWAY_STATES = ("08", "53", "55P03", "57P", "58")
_AWAY_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_DISK_IS_FULL = "The database's disk is full. Nothing was changed."
_TOO_LATE = "This took too long and was stopped. Nothing was changed."


# The row lock is the point: from a plain sequence a later number can commit first, and a reader already
# past it would never see the earlier one. NO KEY, because rows that refer to the hotel need not wait.
_TURN = (
    select(Hotel)
    .where(Hotel.id == bindparam("hotel_id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


class DatabaseUnavailable(Exception):
    """The database cannot be used; the message is one line that says what to set."""


class Database:
    """One database, as the operations use it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._listeners: list[Listener] = []
        self._shared: SharedCommits | None = None
        if self.is_sqlite:
            self._writing, self._reading = _sqlite_engines(self.url.database or "")
            # SQLite has one writer. Waiting for each other here is fair; waiting in the busy handler is not.
            self._shared = SharedCommits(self._writing, take_notices=_notices, tell=self._tell)
            workers = _SQLITE_THREADS
        else:
            self._writing, self._reading = _postgresql_engines(self.url)
            workers = _POSTGRESQL_CONNECTIONS
        event.listen(self._writing, "before_cursor_execute", _require_time)
        if self._reading.pool is not self._writing.pool:
            event.listen(self._reading, "before_cursor_execute", _require_time)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="database")
        self._workers = workers
        self._traced_as = {"db.system.name": "sqlite" if self.is_sqlite else "postgresql"}
        self._in_hand = 0

    @property
    def engine(self) -> Engine:
        """The engine that writes: for migrations and for tests that count statements."""
        return self._writing

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Every engine, each once."""
        return (self._writing, self._reading) if self.is_sqlite else (self._writing,)

    @property
    def connections_in_use(self) -> int:
        """How many connections of the pools are in use."""
        return sum(_pool(engine).checkedout() for engine in self.engines)

    @property
    def connections_idle(self) -> int:
        """How many connections are open and wait in the pools."""
        return sum(_pool(engine).checkedin() for engine in self.engines)

    @property
    def waiting(self) -> int:
        """How many operations wait for a thread; those that their callers have given up do not count."""
        return max(0, self._in_hand - self._workers)

    def check(self) -> None:
        """Connect once, after making the folder that SQLite's file goes into.

        Raises:
            DatabaseUnavailable: nothing answers, or it is not a database, or not of a version that will do.
        """
        try:
            if self.is_sqlite:
                _make_private_file(Path(self.url.database or ""))
            with self._reading.connect() as connection:
                self._require_version(connection)
        except (OSError, DBAPIError) as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            shown = self.url.render_as_string(hide_password=True).replace("+psycopg", "", 1)
            mend = (
                "set HOTELMATE_DATA_DIR or HOTELMATE_DATABASE_URL"
                if self.is_sqlite
                else "start it or set HOTELMATE_DATABASE_URL"
            )
            raise DatabaseUnavailable(f"the database {shown} cannot be used ({reason}); {mend}") from error

    def _require_version(self, connection: Connection) -> None:
        if self.is_sqlite:
            version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
            if tuple(map(int, version.split(".")[:2])) < _OLDEST_SQLITE:
                needed = ".".join(map(str, _OLDEST_SQLITE))
                raise DatabaseUnavailable(
                    f"Python's SQLite is {version} and HotelMate needs {needed} or later"
                )
        else:
            version = connection.execute(text("SHOW server_version")).scalar_one()
            number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            if number // 10_000 < _OLDEST_POSTGRESQL:
                raise DatabaseUnavailable(
                    f"the database is PostgreSQL {version} and HotelMate needs {_OLDEST_POSTGRESQL} or later;"
                    " upgrade it or set HOTELMATE_DATABASE_URL"
                )

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open a session that sees one state of the database throughout, and changes nothing."""
        with _refusing_what_is_away(), Session(self._reading, autoflush=False) as session:
            yield Reading(session)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a session that is committed when the block ends and rolled back when it raises.

        What was announced in it reaches the listeners after the commit and before this returns.
        """
        with _changing_nothing_late(), _refusing_what_is_away(), traced_part("transaction", self._traced_as):
            if self._shared is not None:
                with self._shared.transaction() as session:
                    yield Transaction(Reading(session))
                return
            with Session(self._writing, expire_on_commit=False) as session:
                yield Transaction(Reading(session))
                session.flush()
                with deadlines.committing():
                    _commit(session)
                self._tell(_notices(session))

    @property
    def waiting_writers(self) -> int:
        """How many transactions wait for another one of this process; PostgreSQL has none wait here."""
        return 0 if self._shared is None else self._shared.waiting

    def _tell(self, notices: Sequence[object]) -> None:
        if notices:
            for listener in self._listeners:
                listener(notices)

    def on_commit(self, listener: Listener) -> None:
        """Call `listener` with what committed transactions announced, in the thread that committed."""
        self._listeners.append(listener)

    async def read(self, operation: Callable[[Reading], Result]) -> Result:
        """Run `operation` in a worker thread with a session that reads."""

        def run() -> Result:
            with self.reading() as session:
                return operation(session)

        return await self.run(run)

    async def write(self, operation: Callable[[Transaction], Result]) -> Result:
        """Run `operation` in a worker thread as one transaction."""

        def run() -> Result:
            with self.transaction() as session:
                return operation(session)

        return await self.run(run)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` in one of the worker threads that there are connections for.

        Raises:
            TimedOut, OutcomeUnknown: see `deadlines.carry_out`.
        """
        self._in_hand += 1
        try:
            return await deadlines.carry_out(self._threads, work)
        finally:
            self._in_hand -= 1

    def close(self) -> None:
        """Wait for what is running, and close every connection."""
        self._threads.shutdown(wait=True)
        self.close_connections()

    def close_connections(self) -> None:
        """Close the connections that nobody is using; new ones are made when they are needed."""
        for engine in self.engines:
            engine.dispose()


def _pool(engine: Engine) -> QueuePool:
    assert isinstance(engine.pool, QueuePool), "both kinds of engine have one"  # noqa: S101 - as made above
    return engine.pool


@contextmanager
def _changing_nothing_late() -> Iterator[None]:
    """Say of a transaction that was ended what became of it."""
    try:
        yield
    except TimedOut as error:
        raise TimedOut(_TOO_LATE) from error


@contextmanager
def _refusing_what_is_away() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


def refusal_of(error: OperationalError) -> Unavailable | None:
    """Return what a statement's failure means to a caller; None when it is not that something is away."""
    orig = error.orig
    if isinstance(orig, sqlite3.Error):
        # The lowest byte says what it is, the others more exactly.
        code = getattr(orig, "sqlite_errorcode", 0) & 0xFF
        is_ended = code == sqlite3.SQLITE_INTERRUPT
        is_away, is_full = code in _AWAY_SQLITE, code == sqlite3.SQLITE_FULL
    else:
        state = getattr(orig, "sqlstate", None)
        is_ended = state == _CANCELLED
        # Without a state it is the connection that failed.
        is_away, is_full = state is None or state.startswith(_AWAY_STATES), state == "53100"
    if is_ended:
        return TimedOut()
    if not is_away:
        return None
    return Unavailable(_DISK_IS_FULL) if is_full else Unavailable()


def _commit(session: Session) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise OutcomeUnknown from error
        raise


def _notices(session: Session) -> Sequence[object]:
    notices: list[object] = session.info.get(_NOTICES, [])
    return notices


def announce(transaction: Transaction, notice: object) -> None:
    """Have `notice` reach the listeners once the transaction is committed."""
    transaction.info.setdefault(_NOTICES, []).append(notice)


def take_turn(transaction: Transaction, hotel_id: int) -> Hotel:
    """Lock the hotel until the transaction ends and return it as it is now.

    Writes in one hotel are thereby serial: what is checked after this stays true until the commit, and event
    numbers are committed in order.
    """
    hotel = transaction.exec(_TURN, params={"hotel_id": hotel_id}).one()
    # A session forgets what nobody holds, and whoever asks for this row again would read it again.
    transaction.info.setdefault(_TURNS, []).append(hotel)
    return hotel


def turn_held(transaction: Transaction) -> Hotel:
    """Return the hotel whose turn the transaction took last, as it stands in there."""
    taken: list[Hotel] = transaction.info[_TURNS]
    return taken[-1]


@contextmanager
def savepoint(transaction: Transaction) -> Iterator[None]:
    """Take back what the block did, and what it announced, when it raises; the transaction can go on."""
    announced = len(_notices(transaction))
    try:
        with transaction.begin_nested():
            yield
    except BaseException:
        del transaction.info.setdefault(_NOTICES, [])[announced:]
        raise


def _make_private_file(path: Path) -> None:
    """Make the file that is to be the database, which its owner alone may read, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _sqlite_engines(path: str) -> tuple[Engine, Engine]:
    options: dict[str, Any] = {
        "connect_args": {"check_same_thread": False, "timeout": _SQLITE_BUSY_SECONDS},
        "hide_parameters": _HIDE_PARAMETERS,
    }
    writing = create_engine(f"sqlite:///{path}", pool_size=1, max_overflow=1, **options)
    reading = create_engine(f"sqlite:///{path}", pool_size=_SQLITE_THREADS, **options)
    for engine in (writing, reading):
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(writing, "begin", _begin_to_write)
    event.listen(reading, "begin", partial(_execute, "BEGIN"))
    event.listen(reading, "connect", _forbid_writing)
    return writing, reading


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin late and deferred; ours begin where the session says.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # An acknowledged change survives a power cut, not only a crash.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
    connection.set_progress_handler(_statement_is_too_late, _SQLITE_STEPS_BETWEEN_QUESTIONS)


def _statement_is_too_late() -> bool:
    """Whether the statement is to be ended that runs in this thread; SQLite asks while it does."""
    deadline = deadlines.current()
    return deadline is not None and deadline.ends_statement


def _forbid_writing(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")


def _execute(statement: str, connection: Connection) -> None:
    connection.exec_driver_sql(statement)


def _begin_to_write(connection: Connection) -> None:
    """Wait for other processes that write for no longer than there is time."""
    deadline = deadlines.current()
    left = _SQLITE_BUSY_SECONDS if deadline is None else deadline.remaining_seconds
    milliseconds = max(0, min(left, _SQLITE_BUSY_SECONDS)) * 1000
    driver_connection = connection.connection.driver_connection
    assert isinstance(driver_connection, sqlite3.Connection)  # noqa: S101 - as made above
    driver_connection.execute(f"PRAGMA busy_timeout = {milliseconds:.0f}")
    _execute("BEGIN IMMEDIATE", connection)


def _require_time(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    """Begin no statement when the operation's time is over; have PostgreSQL's ended once it will be."""
    deadline = deadlines.current()
    # Whatever else is late, what was done has to be taken back.
    if deadline is None or statement.startswith("ROLLBACK"):
        return
    deadline.check()
    driver_connection = connection.connection.driver_connection
    # SQLite's is ended by its own thread, and cannot be told by another.
    cancel = getattr(driver_connection, "cancel_safe", None)
    if cancel is not None:
        deadline.cancelled_by(partial(cancel, timeout=_CANCEL_SECONDS))


def _cancel_no_more(_connection: object, _record: object) -> None:
    """Let nobody end a statement on a connection that is somebody else's next."""
    deadline = deadlines.current()
    if deadline is not None:
        deadline.cancelled_by(None)


def _postgresql_engines(url: URL) -> tuple[Engine, Engine]:
    # It loads the driver, which takes a while and is of no use to SQLite.
    from hotelmate import liveness  # noqa: PLC0415 - as said

    ours = " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL_OPTIONS.items())
    # What the url itself asks for comes later, and wins.
    options = f"{ours} {url.query.get('options', '')}"
    connect_args = {
        "application_name": _APPLICATION_NAME,
        "connect_timeout": _CONNECT_SECONDS,
        **url.query,
        "options": options,
    }
    writing = create_engine(
        url,
        pool_size=_POSTGRESQL_CONNECTIONS,
        connect_args=connect_args,
        hide_parameters=_HIDE_PARAMETERS,
    )
    event.listen(writing, "checkin", _cancel_no_more)
    liveness.require_alive(writing)
    # One state throughout: a cursor read beside the data it belongs to.
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writing, reading
