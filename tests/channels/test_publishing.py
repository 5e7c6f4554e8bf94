"""What the bodies of `events` and `batch_events` may hold, and what they do."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotelmate.channels import ChannelsServer
from tests.channels.running import APP, Running
from tests.channels.signed import ask, signed

EVENTS = f"/apps/{APP.id}/events"
BATCH = f"/apps/{APP.id}/batch_events"

EVENT = {"name": "moved", "channel": "a", "data": "{}"}


@pytest.fixture
def server() -> ChannelsServer:
    return ChannelsServer([APP])


@pytest.mark.parametrize(
    "content",
    [
        {"name": "moved", "channels": ["a", "b"], "data": "{}"},
        {"name": "moved", "channel": "a", "data": "{}"},
        {"name": "moved", "channel": "a", "data": ""},
        {"name": "moved", "channel": "a", "data": "{}", "socket_id": None},
        {"name": "n" * 200, "channels": [f"channel-{n}" for n in range(100)], "data": "x" * 10240},
        {"name": "moved", "channel": "#server-to-user-7", "data": "{}"},
        {"name": "moved", "channel": "Aa0_-=@,.;", "data": "{}"},
    ],
)
async def test_an_event_within_the_limits_is_accepted(server: ChannelsServer, content: Any) -> None:
    assert await ask(server, signed("POST", EVENTS, content)) == (200, {})


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"name": None}, 400, "name must have 1 to 200 characters."),
        ({"name": ""}, 400, "name must have 1 to 200 characters."),
        ({"name": 7}, 400, "name must have 1 to 200 characters."),
        ({"name": "n" * 201}, 400, "name must have 1 to 200 characters."),
        ({"data": None}, 400, "data must be a string; encode anything else as JSON."),
        ({"data": {"some": "data"}}, 400, "data must be a string; encode anything else as JSON."),
        ({"data": "x" * 10241}, 413, "data must not be larger than 10240 bytes."),
        ({"data": "é" * 5121}, 413, "data must not be larger than 10240 bytes."),
        ({"channel": None}, 400, "Invalid channel name None."),
        ({"channel": ""}, 400, "Invalid channel name ''."),
        ({"channel": "with space"}, 400, "Invalid channel name 'with space'."),
        ({"channel": "c" * 201}, 400, f"Invalid channel name '{'c' * 201}'."),
        ({"channel": "#server-to-user-"}, 400, "Invalid channel name '#server-to-user-'."),
        ({"channels": "a"}, 400, "channels must be a list."),
        ({"channels": []}, 400, "An event goes to 1 to 100 channels."),
        ({"channels": [f"c-{n}" for n in range(101)]}, 400, "An event goes to 1 to 100 channels."),
        ({"channels": [["a"]]}, 400, "Invalid channel name ['a']."),
        ({"socket_id": "nobody"}, 400, "socket_id must be two numbers joined by a dot."),
        ({"socket_id": "1.1\n"}, 400, "socket_id must be two numbers joined by a dot."),
        ({"socket_id": 1.1}, 400, "socket_id must be two numbers joined by a dot."),
    ],
)
async def test_an_event_outside_the_limits_is_refused(
    server: ChannelsServer, change: dict[str, Any], status: int, message: str
) -> None:
    answer = await ask(server, signed("POST", EVENTS, EVENT | change))
    assert answer == (status, {"error": message, "code": status})


@pytest.mark.parametrize("path", [EVENTS, BATCH])
@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"7", b'"\xff"', b"[" * 5000])
async def test_a_body_that_is_no_json_object_is_refused(
    server: ChannelsServer, path: str, body: bytes
) -> None:
    assert (await ask(server, signed("POST", path, body=body)))[0] == 400


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (None, "batch must be a list of objects."),
        ({}, "batch must be a list of objects."),
        (["event"], "batch must be a list of objects."),
        ([], "A batch has 1 to 10 events."),
        ([EVENT] * 11, "A batch has 1 to 10 events."),
        ([{"name": "moved", "channels": ["a"], "data": "{}"}], "Invalid channel name None."),
    ],
)
async def test_a_batch_outside_the_limits_is_refused(
    server: ChannelsServer, batch: Any, message: str
) -> None:
    answer = await ask(server, signed("POST", BATCH, {"batch": batch}))
    assert answer == (400, {"error": message, "code": 400})


async def test_one_event_for_several_channels_reaches_a_subscriber_on_each(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        await client.join("b")
        event = {"name": "moved", "channels": ["a", "b", "a"], "data": "{}"}
        assert await ask(channels.server, signed("POST", EVENTS, event)) == (200, {})
        assert [message["channel"] for message in await client.hear_all()] == ["a", "b"]


async def test_a_batch_is_sent_in_its_order(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        await client.join("b")
        batch = [EVENT | {"channel": "ab"[number % 2], "data": str(number)} for number in range(10)]
        assert await ask(channels.server, signed("POST", BATCH, {"batch": batch})) == (200, {})
        assert [message["data"] for message in await client.hear_all()] == [str(n) for n in range(10)]


async def test_a_batch_leaves_out_whom_each_event_names(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        batch = [EVENT | {"socket_id": client.socket_id}, EVENT | {"name": "stayed"}]
        assert await ask(channels.server, signed("POST", BATCH, {"batch": batch})) == (200, {})
        assert [message["event"] for message in await client.hear_all()] == ["stayed"]


async def test_nothing_of_a_batch_is_sent_when_one_event_is_refused(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        batch = [EVENT, EVENT | {"data": "x" * 10241}]
        assert (await ask(channels.server, signed("POST", BATCH, {"batch": batch})))[0] == 413
        assert await client.hear_all() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
BODIES = st.fixed_dictionaries(
    {"name": JSON, "data": JSON},
    optional={"channel": JSON, "channels": JSON, "socket_id": JSON, "info": JSON},
)


@settings(deadline=None)
@given(BODIES | JSON)
def test_no_signed_body_is_answered_with_anything_but_a_verdict(content: Any) -> None:
    server = ChannelsServer([APP])
    for path, body in [(EVENTS, content), (BATCH, {"batch": [content]})]:
        status, _ = asyncio.run(ask(server, signed("POST", path, body)))
        assert status in {200, 400, 413}


async def test_the_deprecated_way_publishes_the_body_as_it_stands(channels: Running) -> None:
    async with channels.client() as client, channels.client() as causer:
        await client.join("a")
        await causer.join("a")
        query = {"name": "moved", "socket_id": causer.socket_id}
        path = f"/apps/{APP.id}/channels/a/events"
        request = signed("POST", path, body='{"to": "é"}'.encode(), query=query)
        assert await ask(channels.server, request) == (202, {})
        assert await client.hear() == {"event": "moved", "channel": "a", "data": '{"to": "é"}'}
        assert await causer.hear_all() == []


@pytest.mark.parametrize(
    ("channel", "query", "body", "status"),
    [
        ("a", {}, b"{}", 400),
        ("a", {"name": "moved", "socket_id": "x"}, b"{}", 400),
        ("with a space", {"name": "moved"}, b"{}", 400),
        ("a", {"name": "moved"}, b"\xff", 400),
        ("a", {"name": "moved"}, b"x" * 10_241, 413),
    ],
)
async def test_the_deprecated_way_has_the_same_limits(
    server: ChannelsServer, channel: str, query: dict[str, str], body: bytes, status: int
) -> None:
    request = signed("POST", f"/apps/{APP.id}/channels/{channel}/events", body=body, query=query)
    assert (await ask(server, request))[0] == status
