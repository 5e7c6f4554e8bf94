"""Databases to measure on, filled, each gone with its block."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg

from bench import data
from hotelmate.database import Database
from hotelmate.settings import load

_POSTGRESQL = os.environ.get(
    "HOTELMATE_BENCH_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres"
)


class NotThere(Exception):
    """There is no such database on this machine; the message says why."""


@contextmanager
def sqlite(folder: Path, *, hotels: int, staff: int) -> Iterator[str]:
    """The address of a SQLite database with so many hotels of so many staff."""
    with TemporaryDirectory(dir=folder) as own:
        url = f"sqlite:///{own}/hotelmate.sqlite3"
        _fill(url, hotels=hotels, staff=staff)
        yield url


@contextmanager
def postgresql(_folder: Path, *, hotels: int, staff: int) -> Iterator[str]:
    """The address of a PostgreSQL database with so many hotels of so many staff.

    Raises:
        NotThere: no server answers.
    """
    name = f"hotelmate_bench_{uuid4().hex[:8]}"
    try:
        _administer(f"CREATE DATABASE {name}")
    except psycopg.OperationalError as error:
        raise NotThere(str(error).splitlines()[0]) from error
    try:
        url = f"{_POSTGRESQL.rpartition('/')[0]}/{name}"
        _fill(url, hotels=hotels, staff=staff)
        yield url
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


def _fill(url: str, *, hotels: int, staff: int) -> None:
    database = Database(load(database_url=url).database)
    data.fill(database, hotels=hotels, staff=staff)
    database.close()


def _administer(statement: str) -> None:
    with psycopg.connect(_POSTGRESQL, autocommit=True, connect_timeout=3) as connection:
        connection.execute(statement)
