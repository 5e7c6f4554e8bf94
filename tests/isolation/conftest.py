"""The REST doors, for whoever knocks."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hotelmate.database import Database
from tests.rest.conftest import application, served


@pytest.fixture
async def client(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        served(application(sqlite_database, tmp_path)) as url,
        aiohttp.ClientSession(url) as client,
    ):
        yield client
