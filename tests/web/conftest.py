"""One browser and one server for all the pages' tests; each test is a new visitor."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.server import Server
from tests.web.browsing import running_browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with running_browser() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    # With the setting, the demo draws its pictures.
    async with Server.run(tmp_path_factory.mktemp("site") / "data", HOTELMATE_DEMO="1") as running:
        yield running
