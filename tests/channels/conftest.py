"""Every test of this folder has a server of its own; those that set limits start it by themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
import uvloop

from hotelmate.channels import ChannelsServer
from tests.channels.frontends import StartFrontend, StartPusher, connect
from tests.channels.running import APP, Running, running
from tests.clients.client import Client


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run on the loop that the server runs on in production, and on others where a test names them."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"uvloop": uvloop.new_event_loop}
    marker = item.get_closest_marker("asyncio")
    if marker is not None and "loop_factories" in marker.kwargs:
        factories["asyncio"] = asyncio.new_event_loop
    return factories


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the server libraries from asking a proxy for the loopback address."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
async def channels() -> AsyncIterator[Running]:
    """A server of one app, with the limits as they are by default."""
    async with running(ChannelsServer([APP])) as served:
        yield served


@pytest.fixture(params=["start_pusher_client", "start_pusher_page"], ids=["node", "chromium"])
def start_frontend(request: pytest.FixtureRequest) -> StartFrontend:
    """Start a pusher-js, in Node or in Chromium, as often as called."""
    start: StartFrontend = request.getfixturevalue(request.param)
    return start


@pytest.fixture
def start_pusher(channels: Running, start_frontend: StartFrontend) -> StartPusher:
    """Start a pusher-js client of the server above; the options are those of `connect`."""

    async def start(**options: Any) -> Client:
        client = await start_frontend()
        await connect(client, channels, **options)
        return client

    return start
