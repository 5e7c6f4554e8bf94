"""GraphQL and the REST doors on the databases that every test can ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hotelmate.database import Database
from tests.rest.conftest import application, served
from tests.schema.api import Api


@pytest.fixture
def api(database: Database, tmp_path: Path) -> Api:
    """GraphQL on a fresh copy of the demo's data, on each kind of database."""
    return Api(database, tmp_path, booking_rate="unlimited")


@pytest.fixture
async def rest(database: Database, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the doors, on each kind of database."""
    async with served(application(database, tmp_path)) as url, aiohttp.ClientSession(url) as client:
        yield client
