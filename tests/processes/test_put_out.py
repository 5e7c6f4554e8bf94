"""Whoever is put out is out everywhere soon, whichever process or command does it, and whoever is told.

What nobody tells of is found by looking for it. Events are hardly ever looked for here: it is not that.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from websockets.asyncio.client import connect

from hotelmate.settings import EMBEDDED_KEY
from tests.channels.running import Client
from tests.conftest import SeededPostgresql
from tests.processes.cluster import CLOCK, socket_to
from tests.redis_server import REDIS
from tests.server import Server
from tests.test_cli import hotelmate
from tests.transports.running import WAIT_SECONDS, Socket

PASSWORD = "another password"
CHANNEL = "private-hotel-killarney"


@dataclass(frozen=True)
class Installation:
    """Processes on one database, and how a command reaches it."""

    servers: Sequence[Server]
    environment: dict[str, str]

    async def command(self, *arguments: str) -> None:
        settings = self.environment | {"HOTELMATE_NEW_PASSWORD": PASSWORD}
        data_dir = self.servers[0].output.parent
        done = await asyncio.to_thread(hotelmate, *arguments, data_dir=data_dir, **settings)
        assert done.returncode == 0, done.stderr


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def surroundings(request: pytest.FixtureRequest) -> dict[str, str]:
    """One process on SQLite, two on PostgreSQL, and two with Redis between them."""
    if request.param == "sqlite":
        return {}
    seeded: SeededPostgresql = request.getfixturevalue("seeded_postgresql")
    seeded.reset()
    found = {"HOTELMATE_DATABASE_URL": seeded.url.replace("+psycopg", "")}
    if request.param == "redis":
        request.getfixturevalue("redis")
        found["HOTELMATE_REDIS_URL"] = REDIS
    return found


@pytest.fixture
async def installation(surroundings: dict[str, str], tmp_path: Path) -> AsyncIterator[Installation]:
    environment = surroundings | {
        "HOTELMATE_POLL_SECONDS": "600",
        "HOTELMATE_SECRET_KEY": secrets.token_hex(),
    }
    async with AsyncExitStack() as stack:
        runs = [
            Server.run(tmp_path / str(number), **environment) for number in range(2 if surroundings else 1)
        ]
        servers = await asyncio.gather(*(stack.enter_async_context(run) for run in runs))
        yield Installation(servers, environment)


@dataclass(frozen=True)
class Screen:
    """What one person has open in one process."""

    token: str
    socket: Socket
    channel: Client
    stream: aiohttp.ClientResponse

    async def is_put_out(self) -> None:
        code, _ = await self.socket.hear_close()
        assert code == 4403
        code, _ = await self.channel.hear_close()
        assert code == 4200
        async with asyncio.timeout(WAIT_SECONDS):
            assert "UNAUTHENTICATED" in await self.stream.text()

    async def is_there(self) -> None:
        assert await self.channel.hear_all() == []
        assert await self.socket.hear_all() == []
        assert not self.stream.content.at_eof()


@asynccontextmanager
async def screen(server: Server, token: str) -> AsyncIterator[Screen]:
    """Follow the clock by socket and by stream, and join the hotel's channel."""
    headers = {"Authorization": f"Token {token}"}
    url = f"ws://127.0.0.1:{server.port}/app/{EMBEDDED_KEY}?protocol=7"
    async with (
        socket_to(server, token) as socket,
        connect(url, compression=None, proxy=None) as websocket,
        aiohttp.ClientSession(headers=headers) as session,
    ):
        channel = await Client(websocket).welcome()
        asked = {"socket_id": channel.socket_id, "channel_name": CHANNEL}
        async with session.post(f"{server.url}/pusher/auth", data=asked) as response:
            await channel.join(CHANNEL, **await response.json())
        await socket.subscribe("1", CLOCK)
        assert await socket.hear_all() == []
        accepting = {"Accept": "text/event-stream"}
        request = session.post(f"{server.url}/graphql", json={"query": CLOCK}, headers=accepting)
        async with request as stream:
            assert stream.status == 200
            yield Screen(token, socket, channel, stream)


async def all_out(screens: Sequence[Screen]) -> None:
    await asyncio.gather(*(each.is_put_out() for each in screens))


@asynccontextmanager
async def screens(installation: Installation, token: str) -> AsyncIterator[list[Screen]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(screen(server, token)) for server in installation.servers]


async def logged_in(server: Server, name: str, password: str) -> str:
    log_in = f'mutation {{ logIn(username: "{name}", password: "{password}") {{ token }} }}'
    token: str = (await server.data(log_in))["logIn"]["token"]
    return token


async def test_whoever_is_put_out_has_nothing_open_in_any_process(installation: Installation) -> None:
    one, last = installation.servers[0], installation.servers[-1]
    async with screens(installation, "demo-ben") as bens:
        async with screens(installation, "demo-anna") as annas:
            await installation.command("staff", "password", "anna")
            await all_out(annas)
        async with screens(installation, await logged_in(last, "anna", PASSWORD)) as annas:
            token = annas[0].token
            assert await one.data("mutation { logOut }", token=token) == {"logOut": True}
            await all_out(annas)
        await asyncio.gather(*(each.is_there() for each in bens))

        bookings = await one.data("{ bookings(first: 1) { edges { node { id } } } }", token="demo-ben")
        reference = bookings["bookings"]["edges"][0]["node"]["id"]
        renew = f'mutation {{ renewGuestToken(id: "{reference}") }}'
        token = (await one.data(renew, token="demo-ben"))["renewGuestToken"]
        async with socket_to(last, token) as guest:
            await one.data(renew, token="demo-ben")
            assert (await guest.hear_close())[0] == 4403

        await asyncio.gather(*(each.is_there() for each in bens))
        await installation.command("staff", "remove", "ben")
        await all_out(bens)
    for server in installation.servers:
        answer = await server.execute('mutation { logIn(username: "ben", password: "demo") { token } }')
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
