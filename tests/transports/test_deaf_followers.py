"""Clients that subscribe and then read nothing: they are cut off, and nobody else notices."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zlib import crc32

import aiohttp
import orjson
import pytest

from hotelmate.database import Database
from hotelmate.schema.transports import Limits
from hotelmate.settings import Settings
from tests.transports.running import Served, Socket, eventually, serving

RINGS = "subscription { rings { seq text } }"
LONG = "x" * 2_000

# A client's frames are masked; a mask of zeros leaves the payload as it is.
NO_MASK = bytes(4)

UPGRADE = (
    "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

ACKNOWLEDGED = b'{"type":"connection_ack"}'

LIMITS = Limits(stalled_seconds=1, unsent_bytes=20_000)


@pytest.fixture
async def served(sqlite_database: Database, settings: Settings) -> AsyncIterator[Served]:
    crowded = settings.model_copy(update={"sockets_per_address": 2_000})
    async with serving(sqlite_database, crowded, limits=LIMITS, send_buffer=4096) as running:
        yield running


async def _deaf_client(served: Served, first_words: bytes) -> socket.socket:
    loop = asyncio.get_running_loop()
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    await loop.sock_connect(client, ("127.0.0.1", served.port))
    await loop.sock_sendall(client, first_words)
    return client


def _frame(**message: object) -> bytes:
    payload = orjson.dumps(message)
    assert len(payload) < 126
    return bytes((0x81, 0x80 | len(payload))) + NO_MASK + payload


async def deaf_socket(served: Served) -> socket.socket:
    client = await _deaf_client(served, UPGRADE.encode())
    assert b"101 Switching" in await asyncio.get_running_loop().sock_recv(client, 4096)
    frames = _frame(type="connection_init"), _frame(type="subscribe", id="1", payload={"query": RINGS})
    await asyncio.get_running_loop().sock_sendall(client, b"".join(frames))
    return client


async def deaf_event_stream(served: Served) -> socket.socket:
    body = orjson.dumps({"query": RINGS})
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return await _deaf_client(served, head.encode() + body)


def connections(served: Served) -> int:
    return len(served.uvicorn_server.server_state.connections)


def unsent_bytes(served: Served) -> list[int]:
    """How much waits in this process for each client."""
    return [
        connection.transport.get_write_buffer_size()
        for connection in served.uvicorn_server.server_state.connections
    ]


async def hear(client: Socket, text: str) -> None:
    assert (await client.hear())["payload"]["data"]["rings"]["text"] == text


class Reader(asyncio.Protocol):
    """A socket that follows the rings and reads all that comes; what it was, only by length and checksum."""

    def __init__(self) -> None:
        self.is_subscribed = asyncio.get_running_loop().create_future()
        self.is_lost = False
        self.received = self.checksum = 0
        self._greeting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(UPGRADE.encode())

    def data_received(self, data: bytes) -> None:
        if self.is_subscribed.done():
            self.received += len(data)
            self.checksum = crc32(data, self.checksum)
            return
        self._greeting += data
        if self._greeting.endswith(ACKNOWLEDGED):
            self.is_subscribed.set_result(True)
        elif self._greeting.endswith(b"\r\n\r\n"):
            frames = (
                _frame(type="connection_init"),
                _frame(type="subscribe", id="1", payload={"query": RINGS}),
            )
            self._transport.write(b"".join(frames))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.is_lost = True


@asynccontextmanager
async def readers(served: Served, count: int) -> AsyncIterator[list[Reader]]:
    """Open so many sockets that follow the rings, a hundred at a time."""
    loop = asyncio.get_running_loop()
    opened = []
    for _ in range(0, count, 100):
        connecting = (loop.create_connection(Reader, "127.0.0.1", served.port) for _ in range(100))
        opened += await asyncio.gather(*connecting)
        await asyncio.gather(*(reader.is_subscribed for _, reader in opened))
    await eventually(lambda: served.endpoint.followers == count)
    yield [reader for _, reader in opened]
    for transport, _ in opened:
        transport.abort()


async def all_received(all_readers: list[Reader], length: int) -> None:
    await eventually(lambda: all(reader.received == length for reader in all_readers))


async def test_twenty_sockets_that_read_nothing_change_nothing_for_a_thousand_that_do(served: Served) -> None:
    async with readers(served, 1_000) as all_readers, served.introduced() as client:
        await client.subscribe("1", RINGS)
        deaf = [await deaf_socket(served) for _ in range(20)]
        await eventually(lambda: served.endpoint.followers == 1_021)
        number = sent = most_unsent = 0
        while connections(served) > 1_001:
            text = f"{number}:{LONG}"
            await served.ring(text)
            message = await client.hear()
            assert message["payload"]["data"]["rings"]["text"] == text
            # A frame of this length has a head of four bytes.
            sent += 4 + len(orjson.dumps(message))
            await all_received(all_readers, sent)
            most_unsent = max(most_unsent, sum(unsent_bytes(served)))
            number += 1
        assert len({reader.checksum for reader in all_readers}) == 1
        assert not any(reader.is_lost for reader in all_readers)
        # What waited, waited for the deaf: up to the limit, one event beyond it, and the head of its frame.
        assert most_unsent < 20 * (LIMITS.unsent_bytes + 3_000)
        for socket_ in deaf:
            socket_.close()


async def test_twenty_event_streams_that_nobody_reads_are_cut_off(served: Served) -> None:
    async with served.introduced() as one, served.introduced() as other:
        for client in (one, other):
            await client.subscribe("1", RINGS)
        clients = [await deaf_event_stream(served) for _ in range(20)]
        await eventually(lambda: served.endpoint.followers == 22)
        most_unsent = 0
        number = 0
        while connections(served) > 2:
            text = f"{number}:{LONG}"
            await served.ring(text)
            for client in (one, other):
                await hear(client, text)
            most_unsent = max(most_unsent, *unsent_bytes(served))
            number += 1
        # One event beyond the limit, and what the kernel keeps no account of here.
        assert LIMITS.unsent_bytes < most_unsent < LIMITS.unsent_bytes + 3_000
        await served.ring("ding")
        for client in (one, other):
            await hear(client, "ding")
        for closed in clients:
            closed.close()


async def test_an_event_stream_to_which_little_is_sent_is_cut_off_all_the_same(
    served: Served,
) -> None:
    """Below the number of bytes at which it would leave the live group."""
    client = await deaf_event_stream(served)
    await eventually(lambda: served.endpoint.followers == 1)
    while max(unsent_bytes(served)) < 8_000:
        await served.ring(LONG)
    await eventually(lambda: connections(served) == 0)
    client.close()


async def test_an_event_stream_that_reads_slowly_gets_everything(served: Served) -> None:
    async with aiohttp.ClientSession(read_bufsize=16 * 1024) as session:
        headers = {"accept": "text/event-stream"}
        async with session.post(served.url, json={"query": RINGS}, headers=headers) as response:
            assert await response.content.readuntil(b"\n\n") == b":\n\n"
            texts = [f"{number}:{LONG * 5}" for number in range(60)]
            await served.ring(*texts)
            for number, text in enumerate(texts, 1):
                while (block := await response.content.readuntil(b"\n\n")) == b":\n\n":
                    pass
                data = block.decode().splitlines()[2].removeprefix("data: ")
                assert orjson.loads(data) == {"data": {"rings": {"seq": number, "text": text}}}
