"""Take a database away for a while from everybody who uses it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
from sqlalchemy import text

from hotelmate.database import Database
from tests.databases import POSTGRESQL


def outage(database: Database) -> AbstractContextManager[None]:
    """Have every statement of the bridge fail while the block runs."""
    return _no_table(database) if database.is_sqlite else _no_connections(database.url.database or "")


@contextmanager
def _no_table(database: Database) -> Iterator[None]:
    """SQLite has no server to stop, but without its table the bridge fails with the same kind of error."""
    with database.transaction() as transaction:
        transaction.execute(text("ALTER TABLE bridge_cursor RENAME TO away"))
    yield
    with database.transaction() as transaction:
        transaction.execute(text("ALTER TABLE away RENAME TO bridge_cursor"))


@contextmanager
def _no_connections(name: str) -> Iterator[None]:
    """Break every connection and let nobody connect."""
    with psycopg.connect(POSTGRESQL, autocommit=True) as administrator:
        administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
