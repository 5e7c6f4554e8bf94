"""Several server processes on one database and one Redis, and GraphQL clients of theirs."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.server import Server
from tests.transports.running import Socket

CLOCK = "subscription ($after: String) { clockStatus(after: $after) { seq cursor } }"
TOGGLE = "mutation { toggleClock { action } }"


@asynccontextmanager
async def cluster(
    folder: Path,
    *,
    database_url: str,
    redis_url: str,
    size: int = 2,
    arguments: Sequence[str] = (),
    **environment: str,
) -> AsyncIterator[Sequence[Server]]:
    """Run server processes that know of each other for as long as the block lasts."""
    shared = {
        "HOTELMATE_DATABASE_URL": database_url.replace("+psycopg", ""),
        "HOTELMATE_REDIS_URL": redis_url,
        # The same for all of them, and nobody else's on this Redis.
        "HOTELMATE_SECRET_KEY": secrets.token_hex(),
    }
    environment = shared | environment
    runs = [
        Server.run(folder / f"process-{number}", arguments=arguments, **environment) for number in range(size)
    ]
    async with AsyncExitStack() as stack:
        yield await asyncio.gather(*(stack.enter_async_context(run) for run in runs))


@asynccontextmanager
async def socket_to(server: Server, token: str) -> AsyncIterator[Socket]:
    """Open a GraphQL socket as whoever the token names."""
    async with connect(
        f"ws://127.0.0.1:{server.port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        compression=None,
        proxy=None,
    ) as websocket:
        socket = Socket(websocket)
        await socket.introduce(f"Token {token}")
        yield socket


async def follow_clock(socket: Socket, server: Server) -> None:
    """Subscribe to killarney's clock from now on.

    Without a cursor it would be from whenever the server comes to it, which on a busy machine can be later.
    """
    read = await server.data('{ hotel(slug: "killarney") { cursor } }')
    await socket.subscribe("1", CLOCK, after=read["hotel"]["cursor"])


async def seqs_heard(socket: Socket, count: int) -> list[int]:
    """Return the numbers of the next events."""
    return [payload["data"]["clockStatus"]["seq"] for payload in await socket.hear_nexts(count)]


async def clock(server: Server, *, times: int = 1, token: str = "demo-anna") -> None:
    """Have somebody's clock toggled; each toggle is an event."""
    for _ in range(times):
        answer: dict[str, Any] = await server.data(TOGGLE, token=token)
        assert answer["toggleClock"]["action"]
