"""A Channels server behind a real uvicorn, and a client that sends exactly what a test tells it to."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import orjson
import pusher
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hotelmate.channels import App, ChannelsServer
from hotelmate.sockets import TransportWebSockets

# Key and secret of the examples in Pusher's documentation, so that its test vectors apply.
APP = App(id="3", key="278d425bdf160c739803", secret="7ad3773142a6692b25b8")

MASTER_KEY = base64.b64encode(bytes(range(32))).decode()

WAIT_SECONDS = 15.0

Message = dict[str, Any]


class Client:
    """A raw WebSocket client. `socket_id` is what the server called it, empty when it was refused."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.socket_id = ""
        self._websocket = websocket

    async def say(self, event: str, **rest: Any) -> None:
        """Send an event; `rest` is what stands beside its name."""
        await self.say_text(orjson.dumps({"event": event, **rest}).decode())

    async def say_text(self, text: str | bytes) -> None:
        """Send a message as it stands; bytes go as a binary one."""
        await self._websocket.send(text)

    async def hear(self) -> Message:
        """Return the next message."""
        async with asyncio.timeout(WAIT_SECONDS):
            message = orjson.loads(await self._websocket.recv())
        assert isinstance(message, dict)
        return message

    async def hear_next(self, count: int) -> list[Message]:
        """Return the next so many messages."""
        return [await self.hear() for _ in range(count)]

    async def hear_all(self) -> list[Message]:
        """Return everything the server has sent up to now, by asking it for a pong behind all that."""
        await self.say("pusher:ping", data={})
        messages = []
        while (message := await self.hear())["event"] != "pusher:pong":
            messages.append(message)
        return messages

    async def hear_close(self) -> tuple[int, str]:
        """Return the code and reason with which the server closes, passing over messages before that."""
        with pytest.raises(ConnectionClosed) as ended:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    await self._websocket.recv()
        frame = ended.value.rcvd
        assert frame is not None, "the connection was cut without a close frame"
        return frame.code, frame.reason

    async def subscribe(self, channel: str, **credentials: str) -> Message:
        """Ask to join a channel, and return the answer."""
        await self.say("pusher:subscribe", data={"channel": channel, **credentials})
        return await self.hear()

    async def join(self, channel: str, **credentials: str) -> None:
        """Join a channel."""
        answer = await self.subscribe(channel, **credentials)
        assert answer["event"] == "pusher_internal:subscription_succeeded", answer

    async def unsubscribe(self, channel: str) -> None:
        """Leave a channel, and wait until the server has taken note, which it does without a word."""
        await self.say("pusher:unsubscribe", data={"channel": channel})
        assert await self.hear_all() == []

    async def ping(self) -> None:
        """Send a ping frame of the WebSocket protocol itself, and wait for its pong."""
        async with asyncio.timeout(WAIT_SECONDS):
            await (await self._websocket.ping())

    def cut(self) -> None:
        """End the connection without a word."""
        self._websocket.transport.abort()

    async def welcome(self) -> Self:
        """Take the server's first message, which says how it calls this client."""
        message = await self.hear()
        assert message["event"] == "pusher:connection_established", message
        self.socket_id = orjson.loads(message["data"])["socket_id"]
        return self


@dataclass(frozen=True)
class Running:
    """A server that listens on a loopback port."""

    server: ChannelsServer
    port: int
    uvicorn: uvicorn.Server

    @property
    def open_sockets(self) -> int:
        """How many connections uvicorn holds, of whatever kind."""
        return len(self.uvicorn.server_state.connections)

    @property
    def unsent_bytes(self) -> int:
        """How much waits in this process to be sent, to all clients together."""
        connections = self.uvicorn.server_state.connections
        return sum(connection.transport.get_write_buffer_size() for connection in connections)

    def url(self, path: str = f"/app/{APP.key}", query: str = "protocol=7") -> str:
        """Return the address of a client's socket."""
        return f"ws://127.0.0.1:{self.port}{path}?{query}"

    @asynccontextmanager
    async def open(self, url: str | None = None) -> AsyncIterator[Client]:
        """Open a socket and take nothing from it yet."""
        async with connect(url or self.url(), compression=None, proxy=None, max_size=None) as websocket:
            yield Client(websocket)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """Open a socket and take the server's welcome."""
        async with self.open() as client:
            yield await client.welcome()

    def library(self, secret: str = APP.secret) -> pusher.Pusher:
        """Make the Python library's client of this server. Its calls block: use a thread."""
        return pusher.Pusher(
            APP.id,
            APP.key,
            secret,
            ssl=False,
            host="127.0.0.1",
            port=self.port,
            encryption_master_key_base64=MASTER_KEY,
        )


@asynccontextmanager
async def running(server: ChannelsServer, **options: Any) -> AsyncIterator[Running]:
    """Serve on a free port of the loopback address for as long as the block lasts.

    `options` replace those with which uvicorn is set up.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    usual: dict[str, Any] = {
        "ws": TransportWebSockets,
        "ws_per_message_deflate": False,
        "lifespan": "off",
        "log_config": None,
        "log_level": "warning",
    }
    config = uvicorn.Config(server, **(usual | options))
    config.load()
    uvicorn_server = uvicorn.Server(config)
    uvicorn_server.lifespan = config.lifespan_class(config)
    await uvicorn_server.startup(sockets=[listener])
    try:
        yield Running(server, listener.getsockname()[1], uvicorn_server)
    finally:
        await server.close()
        await _shut_down(uvicorn_server)


async def _shut_down(uvicorn_server: uvicorn.Server) -> None:
    """Do what uvicorn does at its end, without its pauses, which would be most of these tests' time."""
    state = uvicorn_server.server_state
    for listening in uvicorn_server.servers:
        listening.close()
    for connection in list(state.connections):
        connection.shutdown()
    await eventually(lambda: not state.connections and not state.tasks)


async def eventually(is_true: Callable[[], bool]) -> None:
    """Wait for something that no message tells of."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_true():
            await asyncio.sleep(0.005)


def auth(client: Client, channel: str, user: Message | None = None) -> dict[str, str]:
    """Sign a subscription with the Python library, as an application's auth endpoint would."""
    signer = pusher.Pusher(APP.id, APP.key, APP.secret, encryption_master_key_base64=MASTER_KEY)
    signed = signer.authenticate(channel=channel, socket_id=client.socket_id, custom_data=user)
    return {part: signed[part] for part in ("auth", "channel_data") if part in signed}
