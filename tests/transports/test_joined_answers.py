"""An answer goes out in one write, and so do events: each is a system call, and wakes the client."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from hotelmate.sockets import Writer
from tests.transports.running import Message, Served, Socket, eventually
from tests.transports.test_http import wire

BODY = b'{"query": "{ __typename }"}'
ANSWER = b'{"data":{"__typename":"Query"}}'


class Recording:
    """A transport that remembers what was written."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def recorded_writes(served: Served) -> list[bytes]:
    """What is written from now on to the only connection."""
    connections = served.uvicorn_server.server_state.connections
    await eventually(lambda: len(connections) == 1)
    [protocol] = connections
    protocol.transport = Recording(protocol.transport)
    return protocol.transport.written


def post(*headers: str, body: bytes = BODY) -> bytes:
    lines = ["POST /graphql HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    lines += ["Accept: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_head_and_body_are_written_together(served: Served) -> None:
    async with wire(served) as (reader, writer):
        written = await recorded_writes(served)
        writer.write(post() * 2)
        await reader.readuntil(ANSWER)
        await reader.readuntil(ANSWER)
        writer.write(post(body=b'{"query": "{"}'))
        await reader.readuntil(b"]}")
    assert [each[:12] for each in written] == [b"HTTP/1.1 200", b"HTTP/1.1 200", b"HTTP/1.1 200"]
    assert [each.endswith((ANSWER, b"]}")) for each in written] == [True, True, True]


async def test_the_last_answer_of_a_connection_is_whole(served: Served) -> None:
    async with wire(served) as (reader, writer):
        written = await recorded_writes(served)
        writer.write(post("Connection: close"))
        assert (await reader.read()).endswith(ANSWER)
    assert len(written) == 1


async def test_who_is_told_to_continue_is_told_before_the_answer(served: Served) -> None:
    async with wire(served) as (reader, writer):
        written = await recorded_writes(served)
        head, body = post("Expect: 100-continue")[: -len(BODY)], BODY
        writer.write(head)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        await reader.readuntil(ANSWER)
    assert len(written) == 2


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What goes to sockets from now on, write by write."""
    sent: list[bytes] = []
    send: Callable[[Writer, bytes], None] = Writer.send

    def send_and_keep(writer: Writer, data: bytes) -> None:
        sent.append(data)
        send(writer, data)

    monkeypatch.setattr(Writer, "send", send_and_keep)
    return sent


async def test_a_result_and_its_end_are_written_together(served: Served, sent: list[bytes]) -> None:
    async with served.introduced() as client:
        sent.clear()
        await client.subscribe("1", "{ __typename }")
        assert [(await client.hear())["type"] for _ in range(2)] == ["next", "complete"]
    assert len(sent) == 1


async def test_an_event_goes_to_all_subscriptions_of_a_socket_in_one_write(
    served: Served, sent: list[bytes]
) -> None:
    async with served.introduced() as client:
        for place in ("first", "second", "third"):
            await client.subscribe(place, f"subscription {{ rings {{ {place}: text }} }}")
        await eventually(lambda: served.endpoint.followers == 3)
        for text in ("ding", "dong"):
            sent.clear()
            await served.ring(text)
            heard = {
                message["id"]: message["payload"]["data"]["rings"] for message in await heard_by(client, 3)
            }
            assert heard == {place: {place: text} for place in ("first", "second", "third")}
            assert len(sent) == 1


async def heard_by(client: Socket, count: int) -> list[Message]:
    return [await client.hear() for _ in range(count)]
