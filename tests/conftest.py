"""What every test can ask for: real databases, a real server, and real clients (tests.clients)."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.models import Hotel
from hotelmate.settings import load
from tests.databases import SeededPostgresql, empty_postgresql, seeded_sqlite
from tests.left_out import LEFT_OUT
from tests.server import Server

pytest_plugins = ["tests.clients.fixtures", "tests.redis_server"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name at the end what was left out."""
    wanting: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if LEFT_OUT in reason:
            what = reason.partition(LEFT_OUT)[2]
            wanting[what] = wanting.get(what, 0) + 1
    for what, tests in wanting.items():
        terminalreporter.write_line(f"Left out {tests} tests: {what}", yellow=True)


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    """A migrated SQLite database with the demo's data, to copy from."""
    return seeded_sqlite()


@pytest.fixture(scope="session")
def seeded_postgresql() -> Iterator[SeededPostgresql]:
    with empty_postgresql() as url:
        yield SeededPostgresql(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a fresh copy of the demo's data, on each kind of database."""
    if request.param == "sqlite":
        return _copy_of_sqlite(request, tmp_path)
    seeded: SeededPostgresql = request.getfixturevalue("seeded_postgresql")
    seeded.reset()
    return seeded.url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh copy of the demo's data, on each kind of database."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield opened
        opened.close()
    else:
        with empty_postgresql() as url:
            opened = Database(load(database_url=url).database)
            yield opened
            opened.close()


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh copy of the demo's data on SQLite only, where the kind of database does not matter."""
    opened = Database(_copy_of_sqlite(request, tmp_path))
    yield opened
    opened.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server of its own with the demo's data, reached over real sockets."""
    async with Server.run(tmp_path / "data") as running:
        yield running


@pytest.fixture
def killarney(request: pytest.FixtureRequest) -> Hotel:
    """The demo's hotel of anna and ben."""
    return _hotel(request, "killarney")


@pytest.fixture
def dublin(request: pytest.FixtureRequest) -> Hotel:
    """The demo's hotel of carla."""
    return _hotel(request, "dublin")


def _hotel(request: pytest.FixtureRequest, slug: str) -> Hotel:
    name = "sqlite_database" if "sqlite_database" in request.fixturenames else "database"
    database: Database = request.getfixturevalue(name)
    with database.reading() as reading:
        hotel = reading.exec(select(Hotel).where(Hotel.slug == slug)).one()
        reading.expunge(hotel)
        return hotel


def _copy_of_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    template: Path = request.getfixturevalue("sqlite_template")
    path = tmp_path / "hotelmate.sqlite3"
    shutil.copy(template, path)
    return f"sqlite:///{path}"
