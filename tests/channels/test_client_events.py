"""Events that clients send each other."""

from dataclasses import replace
from typing import Any

import pytest

from hotelmate.channels import ChannelsServer, Limits
from hotelmate.channels.client_events import Allowance
from tests.channels.running import APP, Client, Message, Running, auth, running

PRIVATE = "private-a"
PRESENCE = "presence-a"


async def join(client: Client, channel: str, user_id: str = "anna") -> None:
    user = {"user_id": user_id} if channel.startswith("presence-") else None
    await client.join(channel, **auth(client, channel, user))
    await client.hear_all()


def refusal(message: str, *, code: int | None = None, channel: str = PRIVATE) -> Message:
    return {"event": "pusher:error", "channel": channel, "data": {"code": code, "message": message}}


@pytest.mark.parametrize("data", [{"x": [1, 2.5, "é"]}, '{"x":1}', "", 7, None, []])
async def test_a_client_event_reaches_the_others_as_it_was_sent_and_not_its_sender(
    channels: Running, data: Any
) -> None:
    async with channels.client() as sender, channels.client() as other:
        await join(sender, PRIVATE)
        await join(other, PRIVATE)
        await sender.say("client-typing", channel=PRIVATE, data=data)
        assert await sender.hear_all() == []
        assert await other.hear_all() == [{"event": "client-typing", "channel": PRIVATE, "data": data}]


async def test_on_a_presence_channel_the_sender_is_named(channels: Running) -> None:
    async with channels.client() as sender, channels.client() as other:
        await join(other, PRESENCE, "ben")
        await join(sender, PRESENCE, "anna")
        await other.hear_all()
        await sender.say("client-typing", channel=PRESENCE, data={})
        assert await sender.hear_all() == []
        assert await other.hear() == {
            "event": "client-typing",
            "channel": PRESENCE,
            "data": {},
            "user_id": "anna",
        }


@pytest.mark.parametrize("channel", [PRIVATE, PRESENCE])
async def test_nothing_else_of_the_senders_message_passes(channels: Running, channel: str) -> None:
    async with channels.client() as sender, channels.client() as other:
        await join(other, channel)
        await join(sender, channel)
        await sender.say("client-x", channel=channel, data={}, user_id="ben", socket_id="1.1", more=1)
        assert await sender.hear_all() == []
        relayed = await other.hear()
        assert relayed.pop("user_id", None) == (None if channel == PRIVATE else "anna")
        assert relayed == {"event": "client-x", "channel": channel, "data": {}}


async def test_client_events_need_a_private_or_presence_channel(channels: Running) -> None:
    async with channels.client() as sender, channels.client() as other:
        await sender.join("a")
        await other.join("a")
        await sender.say("client-x", channel="a", data={})
        expected = refusal("Client events need a private or presence channel.", channel="a")
        assert await sender.hear_all() == [expected]
        assert await other.hear_all() == []


async def test_client_events_need_a_channel(channels: Running) -> None:
    async with channels.client() as sender:
        await sender.say("client-x", data={})
        assert (await sender.hear())["data"]["message"] == 'A client event needs a string "channel".'


async def test_client_events_need_a_subscription(channels: Running) -> None:
    async with channels.client() as sender, channels.client() as other:
        await join(other, PRIVATE)
        await sender.say("client-x", channel=PRIVATE, data={})
        assert await sender.hear_all() == [refusal(f"Not subscribed to channel {PRIVATE}")]
        assert await other.hear_all() == []


@pytest.mark.parametrize("name", ["typing", "pusher_internal:member_added", "Client-x", "pusher:client-x"])
async def test_other_names_are_not_passed_on(channels: Running, name: str) -> None:
    async with channels.client() as sender, channels.client() as other:
        await join(sender, PRIVATE)
        await join(other, PRIVATE)
        await sender.say(name, channel=PRIVATE, data={})
        assert await sender.hear_all() == [refusal(f"Unknown event {name}")]
        assert await other.hear_all() == []


async def test_an_app_may_do_without_client_events() -> None:
    server = ChannelsServer([replace(APP, client_events=False)])
    async with running(server) as channels, channels.client() as sender, channels.client() as other:
        await join(sender, PRIVATE)
        await join(other, PRIVATE)
        await sender.say("client-x", channel=PRIVATE, data={})
        message = "Client events are not enabled for this app."
        assert await sender.hear_all() == [refusal(message, code=4301)]
        assert await other.hear_all() == []


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("client-" + "n" * 194, {}, "An event's name has at most 200 characters."),
        ("client-x", "é" * 5121, "An event's data must not be larger than 10240 bytes."),
        ("client-x", ["x" * 10240], "An event's data must not be larger than 10240 bytes."),
    ],
)
async def test_a_client_event_over_a_limit_is_refused_with_4301(
    channels: Running, name: str, data: Any, message: str
) -> None:
    async with channels.client() as sender, channels.client() as other:
        await join(sender, PRIVATE)
        await join(other, PRIVATE)
        await sender.say(name, channel=PRIVATE, data=data)
        assert await sender.hear_all() == [refusal(message, code=4301)]
        assert await other.hear_all() == []


async def test_data_nested_too_deeply_is_refused(channels: Running) -> None:
    async with channels.client() as sender:
        await join(sender, PRIVATE)
        deep = "[" * 300 + "]" * 300
        await sender.say_text(f'{{"event":"client-x","channel":"{PRIVATE}","data":{deep}}}')
        (answer,) = await sender.hear_all()
        assert answer["data"] == {"code": None, "message": "The data is nested too deeply."}


async def test_a_client_event_within_the_limits_passes(channels: Running) -> None:
    async with channels.client() as sender, channels.client() as other:
        await join(sender, PRIVATE)
        await join(other, PRIVATE)
        await sender.say("client-" + "n" * 193, channel=PRIVATE, data='"' * 10240)
        assert await sender.hear_all() == []
        assert (await other.hear())["data"] == '"' * 10240


async def test_above_the_rate_events_are_dropped_with_4301_and_the_connection_stays() -> None:
    server = ChannelsServer([APP], limits=Limits(client_events_per_second=2))
    async with running(server) as channels, channels.client() as sender, channels.client() as other:
        await join(sender, PRIVATE)
        await join(other, PRIVATE)
        for number in range(3):
            await sender.say("client-x", channel=PRIVATE, data=number)
        message = "At most 2 client events a second."
        assert await sender.hear_all() == [refusal(message, code=4301)]
        assert [message["data"] for message in await other.hear_all()] == [0, 1]


def test_an_allowance_fills_up_with_time_and_no_further_than_a_second_holds() -> None:
    allowance = Allowance(10, now=100.0)
    assert [allowance.take(100.0) for _ in range(11)] == [True] * 10 + [False]
    assert [allowance.take(100.5) for _ in range(6)] == [True] * 5 + [False]
    assert [allowance.take(200.0) for _ in range(11)] == [True] * 10 + [False]
