"""What a client can send that is no subscription: pings, and everything that makes no sense."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotelmate.channels import ChannelsServer, Limits
from hotelmate.channels.hub import Hub
from hotelmate.channels.session import Session
from tests.channels.running import APP, Running, running


@pytest.mark.parametrize("message", ['{"event":"pusher:ping","data":{}}', '{"event":"pusher:ping"}'])
async def test_a_ping_is_answered_with_a_pong(channels: Running, message: str) -> None:
    async with channels.client() as client:
        await client.say_text(message)
        assert await client.hear() == {"event": "pusher:pong", "data": "{}"}


async def test_a_ping_frame_is_answered_too(channels: Running) -> None:
    async with channels.client() as client:
        await client.ping()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The message is not valid JSON."),
        ("{", "The message is not valid JSON."),
        ('{"event":"pusher:ping","data":"\\ud800"}', "The message is not valid JSON."),
        ("[" * 2000 + "]" * 2000, "The message is not valid JSON."),
        ("null", 'The message must be a JSON object with a string "event".'),
        ("[]", 'The message must be a JSON object with a string "event".'),
        ("{}", 'The message must be a JSON object with a string "event".'),
        ('{"event":7}', 'The message must be a JSON object with a string "event".'),
        ('{"event":"pusher:ping","channel":7}', '"channel" must be a string.'),
        ('{"event":"pusher:subscribe"}', '"data" must be a JSON object.'),
        ('{"event":"pusher:subscribe","data":7}', '"data" must be a JSON object.'),
        ('{"event":"pusher:subscribe","data":"{"}', '"data" is not valid JSON.'),
        ('{"event":"pusher:subscribe","data":"[]"}', '"data" must be a JSON object.'),
        ('{"event":"pusher:subscribe","data":{}}', 'A subscription needs a string "channel".'),
        ('{"event":"pusher:subscribe","data":{"channel":["a"]}}', 'A subscription needs a string "channel".'),
        ('{"event":"pusher:unsubscribe"}', '"data" must be a JSON object.'),
        (b"\x00\x01", "Binary messages are not supported."),
        ('{"event":"pusher_internal:member_added","data":{}}', "Unknown event pusher_internal:member_added"),
        ('{"event":"my-event"}', "Unknown event my-event"),
    ],
)
async def test_a_senseless_message_is_answered_with_an_error_and_the_connection_stays(
    channels: Running, text: str | bytes, message: str
) -> None:
    async with channels.client() as client:
        await client.say_text(text)
        assert await client.hear() == {"event": "pusher:error", "data": {"code": None, "message": message}}
        assert await client.hear_all() == []


async def test_an_error_about_a_channel_names_it(channels: Running) -> None:
    async with channels.client() as client:
        await client.say("pusher:subscribe", data={"channel": "private-a", "auth": 7})
        assert await client.hear() == {
            "event": "pusher:error",
            "channel": "private-a",
            "data": {"code": None, "message": '"auth" and "channel_data" must be strings.'},
        }


async def test_leaving_what_is_no_channel_changes_nothing(channels: Running) -> None:
    async with channels.client() as client:
        await client.say("pusher:unsubscribe", data={"channel": ["a"]})
        assert await client.hear_all() == []


async def test_a_message_over_the_limit_has_no_effect() -> None:
    server = ChannelsServer([APP], limits=Limits(frame_bytes=100))
    async with running(server) as channels, channels.client() as client:
        await client.say("pusher:subscribe", data={"channel": "a", "auth": "é" * 40})
        assert await client.hear() == {
            "event": "pusher:error",
            "data": {"code": None, "message": "A message has at most 100 bytes."},
        }
        assert await client.hear_all() == []


async def test_a_message_over_uvicorns_limit_closes_its_connection_and_no_other() -> None:
    async with running(ChannelsServer([APP]), ws_max_size=1000) as channels, channels.client() as client:
        async with channels.client() as greedy:
            await greedy.say_text("x" * 1001)
            assert (await greedy.hear_close())[0] == 1009
        assert await client.hear_all() == []


class NoSocket:
    """Stands for a socket where none is wanted; what is written must be a message that clients can read."""

    is_closing = False

    def write(self, frame: bytes) -> None:
        assert frame[0] == 0x81
        message = orjson.loads(frame[2:] if frame[1] < 126 else frame[4:] if frame[1] == 126 else frame[10:])
        assert isinstance(message["event"], str)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
EVENTS = st.sampled_from(
    ["pusher:subscribe", "pusher:unsubscribe", "pusher:signin", "pusher:ping", "pusher:pong", "client-x"]
)
CHANNELS = st.sampled_from(["a", "private-a", "presence-a", "cache-a", "#server-to-user-a"])
PARTS = ["channel", "auth", "channel_data", "user_data"]


def session() -> Session:
    hub = Hub(APP, Limits())
    socket: Any = NoSocket()
    return Session(hub, hub.connect(socket, now=0), Limits())


@settings(deadline=None)
@given(st.text())
def test_no_text_raises(text: str) -> None:
    session().receive(text, now=0)


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"event": EVENTS | JSON},
            optional={
                "channel": CHANNELS | JSON,
                "data": st.dictionaries(st.sampled_from(PARTS), CHANNELS | JSON) | JSON,
                "user_id": JSON,
            },
        ),
        max_size=5,
    )
)
def test_no_sequence_of_messages_raises(messages: list[dict[str, Any]]) -> None:
    receiving = session()
    for message in messages:
        receiving.receive(json.dumps(message), now=0)
