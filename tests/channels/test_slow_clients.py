"""Clients that stop reading: they are cut off, and nobody else notices."""

import asyncio
import socket
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from hotelmate.channels import ChannelsServer, Limits
from hotelmate.sockets import TransportWebSockets, websocket
from tests.channels.running import APP, Running, eventually, running
from tests.channels.signed import ask, publish, signed

CHUNK = "x" * 10_000

UPGRADE = (
    f"GET /app/{APP.key}?protocol=7 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

# A client's frames are masked; a mask of zeros leaves the payload as it is.
NO_MASK = bytes(4)
CLOSE_FRAME = bytes((0x88, 0x82)) + NO_MASK + (1000).to_bytes(2)


@pytest.fixture
async def server() -> ChannelsServer:
    return ChannelsServer([APP], limits=Limits(unsent_bytes=300_000))


async def subscribers(server: ChannelsServer) -> int:
    request = signed("GET", f"/apps/{APP.id}/channels/a", query={"info": "subscription_count"})
    _, content = await ask(server, request)
    count: int = content["subscription_count"]
    return count


async def until_subscribers(server: ChannelsServer, count: int) -> None:
    async with asyncio.timeout(20):
        while await subscribers(server) != count:
            await asyncio.sleep(0.01)


def disconnect_all(server: ChannelsServer) -> None:
    for connection in list(server._connections()):
        server.disconnect_socket(connection.socket_id)


async def deaf_client(channels: Running) -> socket.socket:
    """Connect, subscribe to `a`, and never read again."""
    loop = asyncio.get_running_loop()
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    await loop.sock_connect(client, ("127.0.0.1", channels.port))
    await loop.sock_sendall(client, UPGRADE.encode())
    assert b"101 Switching Protocols" in await loop.sock_recv(client, 4096)
    payload = orjson.dumps({"event": "pusher:subscribe", "data": {"channel": "a"}})
    await loop.sock_sendall(client, bytes((0x81, 0x80 | len(payload))) + NO_MASK + payload)
    return client


async def deafen(channels: Running, count: int) -> list[socket.socket]:
    """Subscribe so many clients that will not read."""
    clients = [await deaf_client(channels) for _ in range(count)]
    await until_subscribers(channels.server, count)
    return clients


@pytest.mark.asyncio(loop_factories=["uvloop", "asyncio"])
async def test_clients_that_read_nothing_are_cut_off_and_the_others_miss_nothing(
    server: ChannelsServer,
) -> None:
    async with running(server) as channels, channels.client() as reader:
        deaf = await deafen(channels, 20)
        await reader.join("a")
        sent = 0
        while await subscribers(server) > 1:
            await publish(server, "a", f"{sent}:{CHUNK}")
            assert (await reader.hear())["data"].startswith(f"{sent}:")
            sent += 1
        assert await reader.hear_all() == []
        for client in deaf:
            client.close()


async def test_a_client_with_a_full_buffer_is_closed_in_time_though_the_close_frame_cannot_reach_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", 0.1)
    server = ChannelsServer([APP], limits=Limits(unsent_bytes=100_000_000))
    async with running(server) as channels:
        (client,) = await deafen(channels, 1)
        for _ in range(1000):
            await publish(server, "a", CHUNK)
        disconnect_all(server)
        await until_subscribers(server, 0)
        assert channels.open_sockets == 0
        client.close()


class HastyWebSockets(TransportWebSockets):
    """Gives a closing peer a tenth of a second instead of ten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = 0.1


async def test_a_client_that_does_not_answer_the_close_frame_is_cut_off(server: ChannelsServer) -> None:
    async with running(server, ws=HastyWebSockets) as channels:
        (client,) = await deafen(channels, 1)
        disconnect_all(server)
        await eventually(lambda: channels.open_sockets == 0)
        client.close()


async def test_a_client_that_closes_but_does_not_read_is_cut_off(server: ChannelsServer) -> None:
    async with running(server, ws=HastyWebSockets) as channels:
        (client,) = await deafen(channels, 1)
        while channels.unsent_bytes == 0:
            await publish(server, "a", CHUNK)
        await asyncio.get_running_loop().sock_sendall(client, CLOSE_FRAME)
        await eventually(lambda: channels.open_sockets == 0)
        client.close()


async def test_a_shutdown_does_not_wait_for_clients_that_read_nothing(server: ChannelsServer) -> None:
    async with running(server, ws=HastyWebSockets) as channels:
        clients = await deafen(channels, 3)
        while channels.unsent_bytes == 0:
            await publish(server, "a", CHUNK)
    for client in clients:
        client.close()


async def test_an_unanswered_keepalive_ping_of_uvicorn_cuts_the_connection(server: ChannelsServer) -> None:
    async with running(server, ws_ping_interval=0.1, ws_ping_timeout=0.1) as channels:
        client = await deaf_client(channels)
        await eventually(lambda: channels.open_sockets == 0)
        client.close()


async def test_without_the_transport_a_client_is_not_served_and_the_log_says_what_is_missing(
    server: ChannelsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(server, ws="websockets-sansio") as channels, channels.open() as client:
        with pytest.raises(ConnectionClosed):
            await client.hear()
    assert "Serve with uvicorn and http=TransportHttp, ws=TransportWebSockets" in caplog.text
