"""Servers of others use the embedded Channels server as they use Pusher: with its secret and its webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pusher import Pusher

from tests.clients.fixtures import StartClient
from tests.server import Server

SECRET = "a secret that another server has as well"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the library from asking a proxy for the loopback address."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@asynccontextmanager
async def other_server(library: Pusher) -> AsyncIterator[tuple[str, asyncio.Queue[dict[str, Any]]]]:
    """Take webhooks in; yields where, and what has come and is the embedded server's own."""
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        key, signature = request.headers["X-Pusher-Key"], request.headers["X-Pusher-Signature"]
        checked = library.validate_webhook(key, signature, await request.text())
        for event in checked["events"] if checked else ():
            heard.put_nowait(event)
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook/", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook/", heard
    await runner.cleanup()


async def test_another_server_publishes_and_is_told_who_listens(
    tmp_path: Path, start_pusher_client: StartClient
) -> None:
    known = Pusher("1000", "hotelmate-key", SECRET)
    async with (
        other_server(known) as (url, heard),
        Server.run(
            tmp_path,
            HOTELMATE_CHANNELS_SECRET=SECRET,
            HOTELMATE_CHANNELS_WEBHOOK_URL=url,
            HOTELMATE_CHANNELS_SUBSCRIPTION_COUNTS="1",
        ) as server,
    ):
        screen = await start_pusher_client()
        address = {"wsHost": "127.0.0.1", "wsPort": server.port, "forceTLS": False}
        options = {"cluster": "eu", "enabledTransports": ["ws"], **address}
        await screen.command("connect", key="hotelmate-key", options=options)
        await screen.command("subscribe", channel="weather")
        async with asyncio.timeout(20):
            assert await heard.get() == {"name": "channel_occupied", "channel": "weather"}
        await screen.wait_for(
            "event", channel="weather", name="pusher:subscription_count", data={"subscription_count": 1}
        )
        library = Pusher("1000", "hotelmate-key", SECRET, host="127.0.0.1", port=server.port, ssl=False)
        await asyncio.to_thread(library.trigger, "weather", "changed", {"sky": "blue"})
        changed = await screen.wait_for("event", channel="weather", name="changed")
        assert json.dumps(changed["data"]) == '{"sky": "blue"}'
