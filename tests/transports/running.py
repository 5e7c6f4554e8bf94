"""A GraphQL endpoint behind a real uvicorn on a loopback port, and raw clients to talk to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol
from yarl import URL

from hotelmate.database import Database, Reading
from hotelmate.events import log
from hotelmate.events.broker import Broker
from hotelmate.events.cursor import Cursor
from hotelmate.events.log import Event
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rates import Rates
from hotelmate.identity.rights import GuestTokenRenewed, Rights, SessionEnded
from hotelmate.media.pictures import Pictures
from hotelmate.models import Hotel
from hotelmate.schema.context import Services
from hotelmate.schema.transports import GraphQLEndpoint, Limits
from hotelmate.settings import Settings
from hotelmate.sockets import TransportHttp, TransportWebSockets
from tests.transports.bells import Bells, find_hotel, ring

WAIT_SECONDS = 20.0

Message = dict[str, Any]


class Socket:
    """A raw client of the WebSocket."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket

    async def say(self, **message: Any) -> None:
        await self.websocket.send(orjson.dumps(message).decode())

    async def hear(self) -> Message:
        async with asyncio.timeout(WAIT_SECONDS):
            message = orjson.loads(await self.websocket.recv())
        assert isinstance(message, dict)
        return message

    async def hear_close(self) -> tuple[int, str]:
        """Return the code and reason with which the server closes; nothing else may come before that."""
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(WAIT_SECONDS):
                await self.websocket.recv()
        frame = closed.value.rcvd
        assert frame is not None, "the connection was cut without a close frame"
        return frame.code, frame.reason

    async def introduce(self, authorization: str | None = None) -> None:
        payload = {} if authorization is None else {"payload": {"authorization": authorization}}
        await self.say(type="connection_init", **payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        await self.say(type="subscribe", id=id, payload={"query": query, "variables": variables})

    async def hear_all(self) -> list[Message]:
        """Return everything that was sent up to now, by asking for a pong behind it."""
        await self.say(type="ping", payload={"until": "here"})
        messages = []
        while (message := await self.hear())["type"] != "pong":
            messages.append(message)
        return messages

    async def hear_nexts(self, count: int) -> list[Any]:
        """Return the payloads of so many results."""
        return [(await self.hear())["payload"] for _ in range(count)]


@dataclass(frozen=True)
class Served:
    """A running endpoint. `environment` is what is behind it."""

    port: int
    services: Services
    endpoint: GraphQLEndpoint
    bells: Bells
    uvicorn_server: uvicorn.Server

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    @property
    def beginning(self) -> str:
        """The cursor from before Killarney's first event."""
        with self.services.database.reading() as reading:
            return str(Cursor(self.hotel(reading).epoch, 0))

    def hotel(self, reading: Reading) -> Hotel:
        """Return Killarney as it is now."""
        return find_hotel(reading, "killarney")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    @asynccontextmanager
    async def socket(
        self,
        *,
        subprotocols: Sequence[str] = ("graphql-transport-ws",),
        origin: str | None = None,
        headers: dict[str, str] | None = None,
        receive_buffer: int | None = None,
        from_address: str = "127.0.0.1",
    ) -> AsyncIterator[Socket]:
        """Open a socket. With a `receive_buffer`, one that the kernel and the client keep little for."""
        options: dict[str, Any] = {"local_addr": (from_address, 0)}
        if receive_buffer is not None:
            raw = socket.socket()
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            raw.setblocking(False)
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self.port))
            options = {"sock": raw, "max_queue": 1}
        async with connect(
            self.websocket_url,
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            origin=origin,  # type: ignore[arg-type]
            additional_headers=headers,
            compression=None,
            proxy=None,
            ping_interval=None,
            max_size=None,
            **options,
        ) as websocket:
            yield Socket(websocket)

    @asynccontextmanager
    async def introduced(self, authorization: str | None = None, **options: Any) -> AsyncIterator[Socket]:
        """Open a socket and have it acknowledged."""
        async with self.socket(**options) as client:
            await client.introduce(authorization)
            yield client

    @asynccontextmanager
    async def request(self, method: str = "POST", **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request, on a connection of its own."""
        timeout = aiohttp.ClientTimeout(total=WAIT_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, self.url, **options) as response,
        ):
            yield response

    @asynccontextmanager
    async def get(self, query_string: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a GET whose URL goes out as it stands."""
        url = URL(f"{self.url}?{query_string}", encoded=True)
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            yield response

    async def ring(self, *texts: str, slug: str = "killarney") -> list[Event]:
        """Record rings, each in a transaction of its own."""
        return [
            await self.services.database.write(lambda transaction, text=text: ring(transaction, text, slug))
            for text in texts
        ]


@asynccontextmanager
async def serving(
    database: Database,
    settings: Settings,
    *,
    limits: Limits,
    ring_size: int = 512,
    send_buffer: int | None = None,
    listener: socket.socket | None = None,
) -> AsyncIterator[Served]:
    """Serve the bells for as long as the block lasts.

    Args:
        database: where the hotels and their log are.
        settings: the application's.
        limits: the transports'.
        ring_size: how many events a stream holds in memory.
        send_buffer: how much the kernel is to keep for each connection; as much as it likes, if not said.
        listener: a listening socket to serve, which stays open afterwards; one of its own, if not said.
    """
    bells = Bells()
    services = _services(database, settings, ring_size)
    endpoint = GraphQLEndpoint(
        bells.schema, services, bells.as_graphql, registry=CollectorRegistry(), limits=limits
    )
    listener = listener.dup() if listener else socket.create_server(("127.0.0.1", 0))
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    config = uvicorn.Config(
        endpoint,
        http=TransportHttp,
        ws=TransportWebSockets,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_max_size=1024 * 1024,
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
    server = uvicorn.Server(config)
    # What `serve` does, without its loop that looks for signals every tenth of a second.
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield Served(listener.getsockname()[1], services, endpoint, bells, server)
    finally:
        await endpoint.close()
        await server.shutdown(sockets=[listener])


def _services(database: Database, settings: Settings, ring_size: int) -> Services:
    """Wire the parts as the application does: what is committed reaches the streams on the loop's thread."""
    loop = asyncio.get_running_loop()

    async def read_log(hotel_id: int, after: int, limit: int) -> list[Event]:
        return await database.read(lambda reading: log.read(reading, hotel_id, after=after, limit=limit))

    broker = Broker(read_log, ring_size=ring_size)
    rights = Rights()

    def pass_on(notices: Sequence[object]) -> None:
        for notice in notices:
            match notice:
                case Event():
                    loop.call_soon_threadsafe(broker.publish, notice)
                case SessionEnded() | GuestTokenRenewed():
                    loop.call_soon_threadsafe(rights.end, notice)

    database.on_commit(pass_on)
    return Services(
        settings,
        database,
        broker,
        rights,
        GuestTokens(settings.derived_key("guest-tokens")),
        Pictures.of(settings),
        Rates.of(settings),
        KnownSessions(database),
    )


async def eventually(is_true: Callable[[], bool]) -> None:
    """Wait for something that no message tells of."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_true():
            await asyncio.sleep(0.01)
