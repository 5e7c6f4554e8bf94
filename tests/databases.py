"""Databases filled with the demo's data, made once for a run and put back for each test."""

import atexit
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Connection, Engine, MetaData, Table, select
from sqlmodel import SQLModel

from hotelmate import demo, migrations
from hotelmate.database import Database
from hotelmate.settings import load
from tests.left_out import leave_out

Rows = Mapping[str, Sequence[dict[str, Any]]]
"""What a database holds, by table."""

POSTGRESQL = os.environ.get("HOTELMATE_TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


def fill(database: Database) -> None:
    """Migrate a new database, seed it, and close it."""
    migrations.upgrade(database)
    with database.transaction() as transaction:
        demo.seed(transaction, at=datetime.now(UTC))
    database.close()


@cache
def seeded_sqlite() -> Path:
    """A SQLite database with the demo's data, to copy from."""
    folder = mkdtemp(prefix="hotelmate-")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "hotelmate.sqlite3"
    fill(Database(f"sqlite:///{path}"))
    return path


@contextmanager
def empty_postgresql() -> Iterator[str]:
    """The address of a PostgreSQL database made for the block, as the settings take it."""
    name = f"hotelmate_test_{uuid4().hex[:8]}"
    try:
        _administer(f"CREATE DATABASE {name}")
    except psycopg.OperationalError as error:
        leave_out(f"PostgreSQL at {POSTGRESQL} ({str(error).splitlines()[0]})")
    try:
        yield f"{POSTGRESQL.rpartition('/')[0]}/{name}"
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


class SeededPostgresql:
    """One PostgreSQL database for the whole run, put back to the demo's data before each test.

    Making a database for each test costs a third of a second, putting rows back a few milliseconds.
    """

    def __init__(self, url: str) -> None:
        self.url = load(database_url=url).database
        self._plain_url = url
        fill(Database(self.url))
        tables = [table.name for table in SQLModel.metadata.sorted_tables]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA seed")
            for table in tables:
                connection.execute(f"CREATE TABLE seed.{table} AS TABLE public.{table}")
        self._restore = _restoring(tables)

    def reset(self) -> None:
        """Put every row back, after cutting off whoever a failed test has left connected."""
        with psycopg.connect(self._plain_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute(self._restore)


def _restoring(tables: list[str]) -> str:
    """The statements that empty the tables, fill them from the seed, and let ids go on after it."""
    with_ids = [table.name for table in SQLModel.metadata.sorted_tables if "id" in table.columns]
    return ";".join(
        [
            "BEGIN",
            *(f"DELETE FROM public.{table}" for table in reversed(tables)),
            *(f"INSERT INTO public.{table} SELECT * FROM seed.{table}" for table in tables),
            *(
                f"SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
                for table in with_ids
            ),
            "COMMIT",
        ]
    )


def _administer(statement: str) -> None:
    with psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3) as connection:
        connection.execute(statement)


def rows_of(engine: Engine) -> Rows:
    with engine.connect() as connection:
        return {
            table.name: [
                {column: aware(value) for column, value in row._mapping.items()}
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables_of(connection)
        }


def aware(value: object) -> object:
    """SQLite's times are in UTC and do not say so."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def tables_of(connection: Connection) -> Sequence[Table]:
    """The tables as they are, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.remove(metadata.tables["alembic_version"])
    return metadata.sorted_tables
