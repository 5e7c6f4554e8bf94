"""pusher-js talks to other clients: what passes, and how it hears of what does not."""

from typing import Any

import pytest

from tests.channels.frontends import LOBBY, StartPusher, joined

PRIVATE = "private-hotel-killarney"


async def test_pusher_js_sends_client_events_on_a_private_channel(start_pusher: StartPusher) -> None:
    anna, ben = await start_pusher(), await start_pusher()
    await joined(anna, PRIVATE)
    await ben.command("subscribe", channel=PRIVATE, bind=["client-typing"])
    await ben.wait_for("event", channel=PRIVATE, name="pusher:subscription_succeeded")
    await anna.command("trigger", channel=PRIVATE, event="client-typing", data=["room", 12])
    received = await ben.wait_for("bound", channel=PRIVATE, name="client-typing")
    assert (received["data"], received.get("metadata")) == (["room", 12], {})
    assert anna.reported("event", name="client-typing") == []


@pytest.mark.parametrize(
    ("channel", "data", "code", "message"),
    [
        ("a", {}, None, "Client events need a private or presence channel."),
        (PRIVATE, "x" * 10_241, 4301, "An event's data must not be larger than 10240 bytes."),
    ],
    ids=["on a public channel", "with too much data"],
)
async def test_pusher_js_hears_on_the_channel_why_a_client_event_is_refused(
    start_pusher: StartPusher, channel: str, data: Any, code: int | None, message: str
) -> None:
    anna, ben = await start_pusher(), await start_pusher()
    await joined(anna, channel)
    await joined(ben, channel)
    await anna.command("trigger", channel=channel, event="client-typing", data=data)
    refusal = await anna.wait_for("event", channel=channel, name="pusher:error")
    assert refusal["data"] == {"code": code, "message": message}
    await joined(anna, "b")
    assert anna.reported("state", previous="connected") == []
    await joined(ben, "b")
    assert ben.reported("event", name="client-typing") == []


async def test_pusher_js_sends_client_events_and_learns_on_presence_channels_who_sent_them(
    start_pusher: StartPusher,
) -> None:
    anna = await start_pusher(user={"user_id": "anna"})
    ben = await start_pusher(user={"user_id": "ben"})
    await joined(anna, LOBBY)
    await ben.command("subscribe", channel=LOBBY, bind=["client-typing"])
    await ben.wait_for("event", channel=LOBBY, name="pusher:subscription_succeeded")
    await anna.command("trigger", channel=LOBBY, event="client-typing", data={"in": "room 12"})
    received = await ben.wait_for("bound", channel=LOBBY, name="client-typing")
    assert received["data"] == {"in": "room 12"}
    assert received["metadata"] == {"user_id": "anna"}
    assert anna.reported("event", name="client-typing") == []


async def test_pusher_js_that_sends_too_many_client_events_is_told_and_stays_connected(
    start_pusher: StartPusher,
) -> None:
    anna = await start_pusher(user={"user_id": "anna"})
    await joined(anna, LOBBY)
    for number in range(20):
        await anna.command("trigger", channel=LOBBY, event="client-typing", data=number)
    await anna.wait_for("error", code=4301)
    await joined(anna, "a")
    assert anna.reported("state", previous="connected") == []
