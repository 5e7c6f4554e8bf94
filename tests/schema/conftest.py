"""GraphQL on the databases that every test can ask for."""

from pathlib import Path

import pytest

from hotelmate.database import Database
from tests.schema.api import Api


@pytest.fixture
def api(database: Database, tmp_path: Path) -> Api:
    """GraphQL on a fresh copy of the demo's data, on each kind of database."""
    return Api(database, tmp_path)


@pytest.fixture
def sqlite_api(sqlite_database: Database) -> Api:
    """The same on SQLite only, where the kind of database does not matter."""
    return Api(sqlite_database)
