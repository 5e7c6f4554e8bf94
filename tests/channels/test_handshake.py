"""How a client is welcomed, and how it is turned away."""

import re
from dataclasses import replace

import orjson
import pytest
from websockets.asyncio.client import connect

from hotelmate.channels import ChannelsServer, Limits
from tests.channels.running import APP, Client, Running, eventually, running


async def test_the_first_frame_says_connection_established_with_encoded_data(channels: Running) -> None:
    async with channels.open() as client:
        welcome = await client.hear()
    assert welcome.keys() == {"event", "data"}
    assert welcome["event"] == "pusher:connection_established"
    data = orjson.loads(welcome["data"])
    assert re.fullmatch(r"[0-9]+\.[0-9]+", data["socket_id"])
    assert data == {"socket_id": data["socket_id"], "activity_timeout": 120}


async def test_each_connection_has_a_socket_id_of_its_own(channels: Running) -> None:
    async with channels.client() as one, channels.client() as other:
        assert one.socket_id != other.socket_id


async def test_clients_are_told_the_activity_timeout_that_is_set() -> None:
    server = ChannelsServer([APP], limits=Limits(activity_timeout_seconds=30))
    async with running(server) as channels, channels.open() as client:
        assert orjson.loads((await client.hear())["data"])["activity_timeout"] == 30


@pytest.mark.parametrize(
    "query",
    [
        "protocol=7",
        "protocol=6",
        "protocol=5",
        "protocol=7&client=js&version=8.6.0&flash=false",
        "protocol=7&unheard=of",
    ],
)
async def test_a_client_of_a_known_protocol_is_welcome(channels: Running, query: str) -> None:
    async with channels.open(channels.url(query=query)) as client:
        assert (await client.hear())["event"] == "pusher:connection_established"


@pytest.mark.parametrize(
    ("path", "query", "code", "message"),
    [
        ("/app/nobody", "protocol=7", 4001, "There is no app with the key nobody"),
        (f"/app/{APP.key}/more", "protocol=7", 4005, "Path not found"),
        (f"/app/{APP.key}", "protocol=seven", 4006, "Invalid version string format"),
        (f"/app/{APP.key}", "protocol=8", 4007, "Unsupported protocol version 8; use 7"),
        (f"/app/{APP.key}", "protocol=3", 4007, "Unsupported protocol version 3; use 7"),
        (f"/app/{APP.key}", "client=js", 4008, "No protocol version supplied"),
        (f"/app/{APP.key}", "protocol=", 4008, "No protocol version supplied"),
    ],
)
async def test_a_client_is_refused_on_the_open_socket_with_the_code_in_frame_and_close(
    channels: Running, path: str, query: str, code: int, message: str
) -> None:
    async with channels.open(channels.url(path, query)) as client:
        assert await client.hear() == {"event": "pusher:error", "data": {"code": code, "message": message}}
        assert await client.hear_close() == (code, message)


async def test_a_reason_longer_than_a_close_frame_holds_is_shortened(channels: Running) -> None:
    key = "é" * 100
    async with channels.open(channels.url(f"/app/{key}")) as client:
        code, reason = await client.hear_close()
    assert code == 4001
    assert reason == "There is no app with the key " + "é" * 47


async def test_a_disabled_app_refuses_clients_with_4003() -> None:
    server = ChannelsServer([replace(APP, enabled=False)])
    async with running(server) as channels, channels.open() as client:
        assert await client.hear_close() == (4003, "The app is disabled")


@pytest.mark.parametrize(
    ("allowed", "origin", "welcome"),
    [
        ((), None, True),
        ((), "own", True),
        ((), "https://evil.example", False),
        ((), "null", False),
        (("https://app.example",), "https://app.example", True),
        (("https://app.example",), "https://app.example.evil.example", False),
        (("*",), "https://evil.example", True),
    ],
)
async def test_a_page_connects_only_from_this_server_or_an_allowed_origin(
    allowed: tuple[str, ...], origin: str | None, welcome: bool
) -> None:
    server = ChannelsServer([replace(APP, allowed_origins=allowed)])
    async with running(server) as channels:
        sent = f"http://127.0.0.1:{channels.port}" if origin == "own" else origin
        async with connect(channels.url(), origin=sent) as socket:
            client = Client(socket)
            first = await client.hear()
            if welcome:
                assert first["event"] == "pusher:connection_established"
            else:
                assert first == {
                    "event": "pusher:error",
                    "data": {"code": 4009, "message": "Origin not allowed"},
                }
                assert await client.hear_close() == (4009, "Origin not allowed")


async def test_a_server_that_has_been_closed_turns_clients_away_for_a_second(channels: Running) -> None:
    await channels.server.close()
    async with channels.open() as client:
        assert await client.hear_close() == (4100, "The server is going away")


async def test_closing_the_server_closes_its_clients_so_that_they_come_back(channels: Running) -> None:
    async with channels.client() as client:
        await channels.server.close()
        assert await client.hear_close() == (1001, "The server is going away")


async def test_clients_above_the_limit_of_one_address_are_turned_away_for_a_second() -> None:
    server = ChannelsServer([APP], limits=Limits(connections_per_address=2))
    async with running(server, proxy_headers=True) as channels:
        async with channels.client(), channels.client() as second:
            async with channels.open() as third:
                refused = await third.hear()
                assert (refused["event"], refused["data"]["code"]) == ("pusher:error", 4100)
                assert await third.hear_close() == (4100, "Too many connections from this address")
            forwarded = {"X-Forwarded-For": "203.0.113.9"}
            async with connect(channels.url(), additional_headers=forwarded, proxy=None) as elsewhere:
                await Client(elsewhere).welcome()
            second.cut()
            await eventually(lambda: channels.server.connection_count == 1)
            async with channels.client() as next_one:
                assert await next_one.hear_all() == []
        await eventually(lambda: channels.server._addresses.holders == 0)


async def test_clients_above_the_limit_are_turned_away_for_a_second() -> None:
    server = ChannelsServer([APP], limits=Limits(connections=1))
    async with running(server) as channels:
        async with channels.client(), channels.open() as second:
            assert await second.hear_close() == (4100, "Over capacity")
        await eventually(lambda: channels.open_sockets == 0)
        async with channels.client() as next_one:
            assert await next_one.hear_all() == []
