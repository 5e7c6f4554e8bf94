"""The bells, served."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from structlog.processors import KeyValueRenderer, format_exc_info

from hotelmate.database import Database
from hotelmate.schema.transports import Limits
from hotelmate.settings import Settings
from tests.transports.running import Served, serving


@pytest.fixture(autouse=True)
def plain_logging() -> Iterator[None]:
    """Without structlog's own tracebacks, which take seconds to draw while everything waits."""
    structlog.configure(processors=[format_exc_info, KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture
def limits() -> Limits:
    """The limits as they are; a test that needs others says so with its own fixture of this name."""
    return Limits()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        cors_origins=("https://frontend.example",),
        public_url="https://hotelmate.example/behind/a/proxy",
        # All clients come from one machine.
        sockets_per_address=1_000_000,
        sockets_per_actor=1_000_000,
    )


@pytest.fixture
async def served(sqlite_database: Database, settings: Settings, limits: Limits) -> AsyncIterator[Served]:
    """The bells, served on a loopback port; the transports care for no kind of database."""
    async with serving(sqlite_database, settings, limits=limits) as running:
        yield running
