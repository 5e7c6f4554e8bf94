"""Fixtures that hand real clients to the tests of any folder; a conftest names this module as a plugin."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.clients.chromium import ChromiumClient, running_chromium
from tests.clients.node import NodeClient, require_node

StartClient = Callable[[], Awaitable[NodeClient]]
StartPage = Callable[[], Awaitable[ChromiumClient]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """Where the DevTools of a Chromium listen that all tests of this run share."""
    with running_chromium() as address:
        yield address


@pytest.fixture
async def start_pusher_page(chromium: str) -> AsyncIterator[StartPage]:
    """Open a page with one pusher-js client in Chromium, as often as called; all close with the test."""
    require_node()
    async with AsyncExitStack() as running:

        async def start() -> ChromiumClient:
            return await running.enter_async_context(ChromiumClient.run(chromium))

        yield start


@pytest.fixture
async def start_pusher_client() -> AsyncIterator[StartClient]:
    """Start a process with one pusher-js client, as often as called; all end with the test."""
    async with _starting("pusher_client.mjs") as start:
        yield start


@pytest.fixture
async def start_following_client() -> AsyncIterator[StartClient]:
    """Start a process with one frontend as docs/pusher-js.md has it, as often as called."""
    async with _starting("following_client.mjs") as start:
        yield start


@pytest.fixture
async def start_moving_client() -> AsyncIterator[StartClient]:
    """Start a process with the frontends of docs/moving.md, as often as called."""
    async with _starting("moving_client.mjs") as start:
        yield start


@pytest.fixture
async def start_graphql_client() -> AsyncIterator[StartClient]:
    """Start a process with one GraphQL subscription client, as often as called; all end with the test."""
    async with _starting("graphql_client.mjs") as start:
        yield start


@pytest.fixture
async def start_pusher_library() -> AsyncIterator[StartClient]:
    """Start a process with one `pusher` server library, as often as called; all end with the test."""
    async with _starting("pusher_library.mjs") as start:
        yield start


@pytest.fixture
async def start_graphql_http_audit() -> AsyncIterator[StartClient]:
    """Start a process that audits GraphQL servers, as often as called; all end with the test."""
    async with _starting("graphql_http_audit.mjs") as start:
        yield start


@pytest.fixture
async def start_asyncapi_parser() -> AsyncIterator[StartClient]:
    """Start a process that validates AsyncAPI documents, as often as called; all end with the test."""
    async with _starting("asyncapi.mjs") as start:
        yield start


@asynccontextmanager
async def _starting(script: str) -> AsyncIterator[StartClient]:
    require_node()
    async with AsyncExitStack() as running:

        async def start() -> NodeClient:
            return await running.enter_async_context(NodeClient.run(script))

        yield start
