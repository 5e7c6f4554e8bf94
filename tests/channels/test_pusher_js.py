"""pusher-js, as the frontends use it, against this server: in Node and in Chromium alike."""

import asyncio
from dataclasses import replace

import orjson
import pytest

from hotelmate.channels import ChannelsServer
from tests.channels.frontends import LOBBY, StartFrontend, StartPusher, connect, joined
from tests.channels.running import APP, Running, auth, running
from tests.channels.signed import publish


@pytest.mark.parametrize("channel", ["hotel-killarney", "private-hotel-killarney"])
async def test_pusher_js_receives_an_event_decoded(
    channels: Running, start_pusher: StartPusher, channel: str
) -> None:
    client = await start_pusher()
    await joined(client, channel)
    await publish(channels.server, channel, '{"on": [true, "é"]}')
    event = await client.wait_for("event", channel=channel, name="moved")
    assert event["data"] == {"on": [True, "é"]}


async def test_pusher_js_hands_a_refusal_to_the_channel_and_stays_connected(
    channels: Running, start_pusher: StartPusher
) -> None:
    client = await start_pusher(secret="not the app's")
    await client.command("subscribe", channel="private-hotel-killarney")
    refusal = await client.wait_for("event", name="pusher:subscription_error")
    assert refusal["channel"] == "private-hotel-killarney"
    assert refusal["data"].keys() == {"type", "error", "status"}
    assert (refusal["data"]["type"], refusal["data"]["status"]) == ("AuthError", 401)
    await joined(client, "hotel-killarney")


async def test_pusher_js_unsubscribes(channels: Running, start_pusher: StartPusher) -> None:
    client = await start_pusher()
    await joined(client, "a")
    await joined(client, "b")
    await client.command("unsubscribe", channel="a")
    await joined(client, "c")
    await publish(channels.server, "a")
    await publish(channels.server, "b")
    await client.wait_for("event", channel="b", name="moved")
    assert client.reported("event", channel="a", name="moved") == []


async def test_pusher_js_knows_the_members_of_a_presence_channel(start_pusher: StartPusher) -> None:
    anna = await start_pusher(user={"user_id": "anna", "user_info": {"name": "Anna"}})
    await joined(anna, LOBBY)
    ben = await start_pusher(user={"user_id": "ben"})
    await joined(ben, LOBBY)
    await anna.wait_for("event", name="pusher:member_added", data={"id": "ben", "info": None})
    for client, me in [(anna, {"id": "anna", "info": {"name": "Anna"}}), (ben, {"id": "ben", "info": None})]:
        await client.command("members", channel=LOBBY)
        members = await client.wait_for("members")
        assert (members["count"], members["ids"], members["me"]) == (2, ["anna", "ben"], me)
    await ben.command("unsubscribe", channel=LOBBY)
    await anna.wait_for("event", name="pusher:member_removed")
    await anna.command("members", channel=LOBBY)
    assert (await anna.wait_for("members"))["ids"] == ["anna"]


async def test_pusher_js_counts_a_user_once_however_many_connections_it_has(
    start_pusher: StartPusher,
) -> None:
    ben = await start_pusher(user={"user_id": "ben"})
    await joined(ben, LOBBY)
    phone, desk = [await start_pusher(user={"user_id": "anna"}) for _ in range(2)]
    await joined(phone, LOBBY)
    await joined(desk, LOBBY)
    await ben.wait_for("event", name="pusher:member_added")
    await phone.command("unsubscribe", channel=LOBBY)
    await ben.command("members", channel=LOBBY)
    assert (await ben.wait_for("members"))["ids"] == ["anna", "ben"]
    await desk.command("disconnect")
    await ben.wait_for("event", name="pusher:member_removed")
    assert len(ben.reported("event", name="pusher:member_added")) == 1
    assert len(ben.reported("event", name="pusher:member_removed")) == 1


async def test_pusher_js_does_not_receive_what_it_has_caused_itself(
    channels: Running, start_pusher: StartPusher
) -> None:
    client = await start_pusher()
    socket_id = (await client.wait_for("state", current="connected"))["socket_id"]
    await joined(client, "a")
    await publish(channels.server, "a", '"mine"', socket_id=socket_id)
    await publish(channels.server, "a", '"another\'s"')
    await client.wait_for("event", channel="a", name="moved", data="another's")
    assert len(client.reported("event", name="moved")) == 1


async def test_pusher_js_decrypts_what_the_server_library_has_encrypted(
    channels: Running, start_pusher: StartPusher
) -> None:
    client = await start_pusher()
    await joined(client, "private-encrypted-a")
    async with channels.client() as eavesdropper:
        await eavesdropper.join("private-encrypted-a", **auth(eavesdropper, "private-encrypted-a"))
        library = channels.library()
        await asyncio.to_thread(library.trigger, "private-encrypted-a", "moved", {"secret": "word"})
        event = await client.wait_for("event", channel="private-encrypted-a", name="moved")
        assert event["data"] == {"secret": "word"}
        (relayed,) = await eavesdropper.hear_all()
        assert orjson.loads(relayed["data"]).keys() == {"nonce", "ciphertext"}


@pytest.mark.parametrize(
    "prefix", ["cache-", "private-cache-", "presence-cache-", "private-encrypted-cache-"]
)
async def test_pusher_js_begins_on_a_cache_channel_with_the_last_event(
    channels: Running, start_pusher: StartPusher, prefix: str
) -> None:
    client = await start_pusher(user={"user_id": "anna"})
    await joined(client, f"{prefix}a")
    await client.wait_for("event", channel=f"{prefix}a", name="pusher:cache_miss")
    await asyncio.to_thread(channels.library().trigger, f"{prefix}b", "moved", {"number": 1})
    await joined(client, f"{prefix}b")
    await client.wait_for("event", channel=f"{prefix}b", name="moved", data={"number": 1})
    assert client.reported("event", channel=f"{prefix}b", name="pusher:cache_miss") == []


async def test_pusher_js_whose_sign_in_is_wrong_is_told_and_stays_connected(
    start_pusher: StartPusher,
) -> None:
    client = await start_pusher(user={"id": "anna"}, secret="not the app's")
    await client.command("signin")
    await client.wait_for("error", code=4009)
    await joined(client, "a")
    assert client.reported("state", previous="connected") == []


async def test_pusher_js_signs_in_and_receives_what_is_sent_to_its_user(
    channels: Running, start_pusher: StartPusher
) -> None:
    anna = await start_pusher(user={"id": "anna", "watchlist": ["ben"]})
    await anna.command("signin")
    signed_in = await anna.wait_for("signed_in")
    assert orjson.loads(signed_in["user_data"])["id"] == "anna"
    await publish(channels.server, "#server-to-user-anna", '{"for":"you"}')
    await anna.wait_for("user_event", name="moved", data={"for": "you"})
    await asyncio.to_thread(channels.library().send_to_user, "anna", "moved", {"from": "Python"})
    await anna.wait_for("user_event", name="moved", data={"from": "Python"})
    ben = await start_pusher(user={"id": "ben"})
    await ben.command("signin")
    await anna.wait_for("watchlist", name="online", data={"name": "online", "user_ids": ["ben"]})


async def test_pusher_js_whose_user_is_terminated_is_disconnected_for_good(
    channels: Running, start_pusher: StartPusher
) -> None:
    anna = await start_pusher(user={"id": "anna"})
    await anna.command("signin")
    await anna.wait_for("signed_in")
    await asyncio.to_thread(channels.library().terminate_user_connections, "anna")
    await anna.wait_for("error", code=4009)
    await anna.wait_for("state", previous="connected", current="disconnected")


async def test_pusher_js_learns_how_many_are_subscribed(
    start_frontend: StartFrontend,
) -> None:
    async with running(ChannelsServer([replace(APP, subscription_counts=True)])) as channels:
        client = await start_frontend()
        await connect(client, channels)
        await joined(client, "a")
        await client.wait_for(
            "event", channel="a", name="pusher:subscription_count", data={"subscription_count": 1}
        )
