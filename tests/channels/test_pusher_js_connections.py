"""pusher-js connects, stays connected and comes back, as the codes of this server tell it to."""

import asyncio
from dataclasses import replace

from hotelmate.channels import ChannelsServer, Limits
from tests.channels.frontends import StartFrontend, StartPusher, connect, joined
from tests.channels.running import APP, Running, running
from tests.channels.signed import publish


async def test_pusher_js_connects(start_pusher: StartPusher) -> None:
    client = await start_pusher()
    await client.wait_for("state", current="connected")


async def test_pusher_js_does_not_come_back_when_its_key_is_unknown(start_pusher: StartPusher) -> None:
    client = await start_pusher(key="nobody")
    await client.wait_for("error", code=4001)
    await client.wait_for("state", current="disconnected")


async def test_pusher_js_comes_back_at_once_when_it_is_disconnected(
    channels: Running, start_pusher: StartPusher
) -> None:
    client = await start_pusher()
    connected = await client.wait_for("state", current="connected")
    await joined(client, "private-hotel-killarney")
    channels.server.disconnect_socket(connected["socket_id"])
    await client.wait_for("state", previous="connected", current="connecting")
    await client.wait_for("event", channel="private-hotel-killarney", name="pusher:subscription_succeeded")


async def test_pusher_js_does_not_come_back_when_its_app_is_disabled(start_frontend: StartFrontend) -> None:
    async with running(ChannelsServer([replace(APP, enabled=False)])) as channels:
        client = await start_frontend()
        await connect(client, channels)
        await client.wait_for("error", code=4003)
        await client.wait_for("state", current="disconnected")


async def test_pusher_js_that_is_turned_away_for_want_of_room_tries_again(
    start_frontend: StartFrontend,
) -> None:
    limits = Limits(connections=1)
    async with running(ChannelsServer([APP], limits=limits)) as channels:
        async with channels.client():
            client = await start_frontend()
            await connect(client, channels)
            await client.wait_for("error", code=4100)
        await client.wait_for("state", current="connected", within=10)


async def test_pusher_js_pings_as_often_as_the_server_asks_for_and_stays(
    start_frontend: StartFrontend,
) -> None:
    limits = Limits(activity_timeout_seconds=1, pong_timeout_seconds=10)
    async with running(ChannelsServer([APP], limits=limits)) as channels:
        client = await start_frontend()
        await connect(client, channels)
        for _ in range(3):
            await client.wait_for("raw", name="pusher:pong")
        assert client.reported("state", previous="connected") == []


async def test_pusher_js_that_only_listens_answers_the_servers_pings_and_stays(
    start_frontend: StartFrontend,
) -> None:
    limits = Limits(activity_timeout_seconds=1, pong_timeout_seconds=10)
    async with running(ChannelsServer([APP], limits=limits)) as channels:
        client = await start_frontend()
        await connect(client, channels)
        await joined(client, "a")
        # As long as it hears something it need not ask whether the server is there.
        while len(client.reported("raw", name="pusher:ping")) < 2:
            await publish(channels.server, "a")
            await client.wait_for("event", name="moved")
            await asyncio.sleep(0.05)
        assert client.reported("raw", name="pusher:pong") == []
        assert client.reported("state", previous="connected") == []


async def test_pusher_js_hears_of_each_limit_on_the_channel_that_it_concerns(
    start_frontend: StartFrontend,
) -> None:
    limits = Limits(subscriptions_per_connection=2, members_per_channel=1)
    async with running(ChannelsServer([APP], limits=limits)) as channels:
        anna, ben = await start_frontend(), await start_frontend()
        await connect(anna, channels, user={"user_id": "anna"})
        await connect(ben, channels, user={"user_id": "ben"})
        await joined(anna, "presence-a")
        for client, channel, status in (
            (ben, "presence-a", 4100),
            (anna, "c" * 201, 4009),
            (anna, "with a space", 4009),
        ):
            await client.command("subscribe", channel=channel)
            refusal = await client.wait_for("event", channel=channel, name="pusher:subscription_error")
            assert refusal["data"]["status"] == status
        await joined(anna, "c" * 200)
        await anna.command("subscribe", channel="one-too-many")
        refusal = await anna.wait_for("event", channel="one-too-many", name="pusher:subscription_error")
        assert (refusal["data"]["type"], refusal["data"]["status"]) == ("LimitReached", 4100)
