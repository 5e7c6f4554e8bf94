"""One database: sessions for operations, and the threads in which operations run.

Promises that what a transaction announces reaches the listeners after its commit and never without one.
Sessions are synchronous and short: one operation each, in a worker thread. A database that is away or full
raises `Unavailable`, and is used again as soon as it is back. An operation whose time is over (`deadlines`)
raises `TimedOut`, and its statement is ended.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from hotelmate import deadlines
from hotelmate.database.backend import Backend
from hotelmate.database.failures import DatabaseUnavailable, changing_nothing_late, refusing_what_is_away
from hotelmate.database.sqlite import Sqlite
from hotelmate.database.transactions import Reading, Tell, Transaction
from hotelmate.telemetry.tracing import traced_part

Result = TypeVar("Result")


class Database:
    """One database, as the operations use it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._backend = _backend(self.url)
        self._commits = self._backend.commits(self._tell)
        self._threads = ThreadPoolExecutor(self._backend.threads, thread_name_prefix="database")
        self._in_hand = 0
        self._listeners: list[Tell] = []
        self._traced_as = {"db.system.name": self.url.get_backend_name()}

    @property
    def address(self) -> str:
        """The URL as people write it, with its password hidden."""
        return self.url.set(drivername=self.url.get_backend_name()).render_as_string(hide_password=True)

    @property
    def engine(self) -> Engine:
        """The engine that writes: for migrations and for tests that count statements."""
        return self._backend.writing

    @property
    def engines(self) -> tuple[Engine, ...]:
        """The engines that have a pool of connections of their own."""
        return self._backend.engines

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
        return max(0, self._in_hand - self._backend.threads)

    @property
    def waiting_writers(self) -> int:
        """How many transactions wait for another one of this process; PostgreSQL has none wait here."""
        return self._commits.waiting

    def check(self) -> None:
        """Connect once, after making the folder that SQLite's file goes into.

        Raises:
            DatabaseUnavailable: nothing answers, or it is not a database, or not of a version that will do.
        """
        try:
            self._backend.prepare()
            with self._backend.reading.connect() as connection:
                self._backend.require_version(connection)
        except (OSError, DBAPIError) as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise DatabaseUnavailable(
                f"the database {self.address} cannot be used ({reason}); {self._backend.remedy}"
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open a session that sees one state of the database throughout, and changes nothing."""
        with refusing_what_is_away(), Session(self._backend.reading, autoflush=False) as session:
            yield Reading(session)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a session that is committed when the block ends and rolled back when it raises.

        What was announced in it reaches the listeners after the commit and before this returns.
        """
        with (
            changing_nothing_late(),
            refusing_what_is_away(),
            traced_part("transaction", self._traced_as),
            self._commits.transaction() as session,
        ):
            yield Transaction(Reading(session))

    def on_commit(self, listener: Tell) -> None:
        """Call `listener` with what committed transactions announced, in the thread that committed."""
        self._listeners.append(listener)

    def _tell(self, notices: Sequence[object]) -> None:
        if notices:
            for listener in self._listeners:
                listener(notices)

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


def _backend(url: URL) -> Backend:
    if url.get_backend_name() == "sqlite":
        return Sqlite(url)
    # It loads the driver, which takes a while and is of no use to SQLite.
    from hotelmate.database.postgresql import Postgresql  # noqa: PLC0415 - as said

    return Postgresql(url)


def _pool(engine: Engine) -> QueuePool:
    assert isinstance(engine.pool, QueuePool), "both kinds of engine have one"  # noqa: S101 - as made above
    return engine.pool
