"""SQLite: a file that only its owner reads, one writer, and readers beside it."""

import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from hotelmate import deadlines
from hotelmate.database.backend import HIDE_PARAMETERS, require_time
from hotelmate.database.commits import Commits
from hotelmate.database.failures import DatabaseUnavailable
from hotelmate.database.shared_commits import SharedCommits
from hotelmate.database.transactions import Tell

# The first that knows RETURNING.
_OLDEST = (3, 35)
_BUSY_SECONDS = 10
# Instructions of its virtual machine, some milliseconds of them: asking takes the interpreter's lock.
_STEPS_BETWEEN_QUESTIONS = 100_000
# As many may read at once, or wait for one commit.
_THREADS = 8


class Sqlite:
    """SQLite, as a `Backend`."""

    remedy = "set HOTELMATE_DATA_DIR or HOTELMATE_DATABASE_URL"
    threads = _THREADS

    def __init__(self, url: URL) -> None:
        self._path = url.database or ""
        options: dict[str, Any] = {
            "connect_args": {"check_same_thread": False, "timeout": _BUSY_SECONDS},
            "hide_parameters": HIDE_PARAMETERS,
        }
        self.writing = create_engine(f"sqlite:///{self._path}", pool_size=1, max_overflow=1, **options)
        self.reading = create_engine(f"sqlite:///{self._path}", pool_size=_THREADS, **options)
        self.engines: tuple[Engine, ...] = (self.writing, self.reading)
        for engine in self.engines:
            event.listen(engine, "connect", _set_up)
            event.listen(engine, "before_cursor_execute", _require_time)
        event.listen(self.writing, "begin", _begin_to_write)
        event.listen(self.reading, "begin", partial(_execute, "BEGIN"))
        event.listen(self.reading, "connect", _forbid_writing)

    def prepare(self) -> None:
        """Make the file, which its owner alone may read, and its folder."""
        path = Path(self._path)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))

    def require_version(self, connection: Connection) -> None:
        """Go on only with a version that will do; see `Backend`."""
        version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
        if tuple(map(int, version.split(".")[:2])) < _OLDEST:
            needed = ".".join(map(str, _OLDEST))
            raise DatabaseUnavailable(f"Python's SQLite is {version} and HotelMate needs {needed} or later")

    def commits(self, tell: Tell) -> Commits:
        """Return transactions that share commits, as there is one writer.

        Waiting for each other there is fair; waiting in SQLite's busy handler is not.
        """
        return SharedCommits(self.writing, tell)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin late and deferred; ours begin where the session says.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # An acknowledged change survives a power cut, not only a crash.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
    # SQLite's own knows ASCII only, and a search for Ó Briain has to find ó briain.
    connection.create_function("lower", 1, _lower, deterministic=True)
    connection.set_progress_handler(_statement_is_too_late, _STEPS_BETWEEN_QUESTIONS)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _statement_is_too_late() -> bool:
    """Whether the statement is to be ended that runs in this thread; SQLite asks while it does."""
    deadline = deadlines.current()
    return deadline is not None and deadline.ends_statement


def _require_time(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    require_time(statement)


def _forbid_writing(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")


def _begin_to_write(connection: Connection) -> None:
    """Wait for other processes that write for no longer than there is time."""
    deadline = deadlines.current()
    left = _BUSY_SECONDS if deadline is None else deadline.remaining_seconds
    milliseconds = max(0, min(left, _BUSY_SECONDS)) * 1000
    driver_connection = connection.connection.driver_connection
    assert isinstance(driver_connection, sqlite3.Connection)  # noqa: S101 - as made above
    driver_connection.execute(f"PRAGMA busy_timeout = {milliseconds:.0f}")
    _execute("BEGIN IMMEDIATE", connection)


def _execute(statement: str, connection: Connection) -> None:
    connection.exec_driver_sql(statement)
