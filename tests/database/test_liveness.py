"""A connection that has ended is not used again, and one that has not is not asked."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from hotelmate.database import Database
from tests.databases import POSTGRESQL, SeededPostgresql


@pytest.fixture
def postgresql(seeded_postgresql: SeededPostgresql) -> Iterator[Database]:
    opened = Database(seeded_postgresql.url)
    yield opened
    opened.close()


def backend(database: Database) -> int:
    """Return the server's process that answers."""
    with database.reading() as reading:
        pid: int = reading.execute(text("SELECT pg_backend_pid()")).scalar_one()
        return pid


def end_all(database: Database) -> None:
    """End the server's side of every connection, as a server does that is restarted, and wait until it is."""
    with psycopg.connect(POSTGRESQL, autocommit=True) as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [database.url.database],
        )


def test_nobody_notices_that_the_server_was_restarted(postgresql: Database) -> None:
    with postgresql.reading() as first, postgresql.reading() as second:
        before = {each.execute(text("SELECT pg_backend_pid()")).scalar_one() for each in (first, second)}
    end_all(postgresql)
    assert backend(postgresql) not in before
    with postgresql.reading() as first, postgresql.reading() as second:
        after = {each.execute(text("SELECT pg_backend_pid()")).scalar_one() for each in (first, second)}
    assert len(after) == 2
    assert not before & after


def test_a_connection_that_is_well_is_used_again_without_a_question(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = backend(postgresql)
    executed: list[object] = []
    execute = psycopg.Connection.execute
    monkeypatch.setattr(
        psycopg.Connection, "execute", lambda *args: (executed.append(args[1]), execute(*args))[1]
    )
    assert backend(postgresql) == before
    assert executed == []
    # One that was left alone for long may have been forgotten by whatever is between.
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert backend(postgresql) == before
    assert executed == ["SELECT 1"]


def test_a_connection_that_does_not_answer_is_replaced(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = backend(postgresql)

    def fail(*_: object) -> None:
        raise psycopg.OperationalError("timed out")

    monkeypatch.setattr(psycopg.Connection, "execute", fail)
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert backend(postgresql) != before
