"""Connections that send no request are given up; those that are in one are not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
import uvicorn
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect

from hotelmate.cli.server import configuration

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_SECONDS = 2
WAIT_SECONDS = 20
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
ANSWER = b"done"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Says the same to everybody, without reading bodies; at /slow after longer than a head may take."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.send", "text": ANSWER.decode()})
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1.5 * PATIENCE_SECONDS)
    headers = [(b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port() -> AsyncIterator[int]:
    config = configuration(application, shutdown_seconds=1)
    config.timeout_keep_alive = PATIENCE_SECONDS
    config.port, config.lifespan = 0, "off"
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def nothing(_: Streams) -> None:
    pass


async def empty_lines(streams: Streams) -> None:
    await trickle(streams, b"\r\n")


async def half_a_head(streams: Streams) -> None:
    streams[1].write(b"GET / HTTP/1.1\r\nHost: local")
    await trickle(streams, b"x")


async def half_a_head_after_an_answer(streams: Streams) -> None:
    streams[1].write(GET)
    await streams[0].readuntil(ANSWER)
    await half_a_head(streams)


async def a_body_that_nobody_reads(streams: Streams) -> None:
    streams[1].write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n")
    await streams[0].readuntil(ANSWER)
    await trickle(streams, b"x")


async def trickle(streams: Streams, piece: bytes) -> None:
    while True:
        await asyncio.sleep(0.1)
        streams[1].write(piece)


async def is_cut_off(port: int, send: Callable[[Streams], Awaitable[None]]) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sending = asyncio.ensure_future(send((reader, writer)))
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not reader.at_eof():
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    finally:
        sending.cancel()
        writer.close()
    return True


async def test_whoever_sends_no_request_is_cut_off(port: int) -> None:
    ways = (nothing, empty_lines, half_a_head, half_a_head_after_an_answer, a_body_that_nobody_reads)
    assert await asyncio.gather(*(is_cut_off(port, way) for way in ways)) == [True] * len(ways)


async def test_whoever_waits_for_an_answer_or_has_a_socket_is_not(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with connect(f"ws://127.0.0.1:{port}/") as socket:
        writer.write(GET.replace(b"/", b"/slow", 1))
        assert (await reader.readuntil(ANSWER)).startswith(b"HTTP/1.1 200 ")
        await socket.send("still there?")
        assert await socket.recv() == ANSWER.decode()
    writer.close()
