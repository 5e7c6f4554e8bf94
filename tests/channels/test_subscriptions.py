"""Joining and leaving public and private channels."""

import asyncio
from collections import Counter

import pytest

from hotelmate.channels import ChannelsServer, Limits
from tests.channels.running import APP, Running, auth, eventually, running
from tests.channels.signed import ask, publish, signed

PUBLIC = "hotel-killarney"
PRIVATE = "private-hotel-killarney"


def moved(channel: str, data: str = "{}") -> dict[str, str]:
    return {"event": "moved", "channel": channel, "data": data}


async def test_joining_a_public_channel_needs_no_token_and_is_confirmed(channels: Running) -> None:
    async with channels.client() as client:
        assert await client.subscribe(PUBLIC, auth="") == {
            "event": "pusher_internal:subscription_succeeded",
            "channel": PUBLIC,
            "data": "{}",
        }


async def test_an_event_reaches_every_subscriber_once_and_nobody_else(channels: Running) -> None:
    async with channels.client() as one, channels.client() as two, channels.client() as outsider:
        await one.join(PUBLIC)
        await two.join(PUBLIC)
        await outsider.join("hotel-dublin")
        await publish(channels.server, PUBLIC, '{"on": true}')
        assert await one.hear_all() == [moved(PUBLIC, '{"on": true}')]
        assert await two.hear_all() == [moved(PUBLIC, '{"on": true}')]
        assert await outsider.hear_all() == []


@pytest.mark.parametrize(
    "data",
    [
        "",
        "plain text",
        '{"a":1}',
        '{ "a" : 1 }',
        '"quoted"',
        "\u00e9\u4e2d\U0001f600",
        "\x00\n\t\\",
        "x" * 10240,
    ],
)
async def test_data_arrives_as_the_very_string_that_was_published(channels: Running, data: str) -> None:
    async with channels.client() as client:
        await client.join(PUBLIC)
        await publish(channels.server, PUBLIC, data)
        assert await client.hear() == moved(PUBLIC, data)


async def test_events_arrive_in_the_order_in_which_they_were_accepted(channels: Running) -> None:
    async with channels.client() as client:
        await client.join(PUBLIC)
        for number in range(100):
            await publish(channels.server, PUBLIC, str(number))
        assert [message["data"] for message in await client.hear_all()] == [str(n) for n in range(100)]


async def test_the_connection_named_by_socket_id_is_left_out(channels: Running) -> None:
    async with channels.client() as author, channels.client() as reader:
        await author.join(PUBLIC)
        await reader.join(PUBLIC)
        await publish(channels.server, PUBLIC, socket_id=author.socket_id)
        assert await author.hear_all() == []
        assert await reader.hear_all() == [moved(PUBLIC)]


async def test_an_unknown_socket_id_leaves_nobody_out(channels: Running) -> None:
    async with channels.client() as client:
        await client.join(PUBLIC)
        await publish(channels.server, PUBLIC, socket_id="1.1")
        assert await client.hear_all() == [moved(PUBLIC)]


async def test_who_has_left_a_channel_hears_nothing_more_and_may_come_back(channels: Running) -> None:
    async with channels.client() as client:
        await client.join(PUBLIC)
        await client.unsubscribe(PUBLIC)
        await publish(channels.server, PUBLIC)
        assert await client.hear_all() == []
        await client.join(PUBLIC)


async def test_leaving_a_channel_that_one_is_not_in_changes_nothing(channels: Running) -> None:
    async with channels.client() as client:
        await client.unsubscribe(PUBLIC)


async def test_joining_twice_is_an_error_and_still_delivers_once(channels: Running) -> None:
    async with channels.client() as client:
        await client.join(PUBLIC)
        assert await client.subscribe(PUBLIC) == {
            "event": "pusher:error",
            "channel": PUBLIC,
            "data": {"code": None, "message": f"Existing subscription to channel {PUBLIC}"},
        }
        await publish(channels.server, PUBLIC)
        assert await client.hear_all() == [moved(PUBLIC)]
        await client.unsubscribe(PUBLIC)
        await publish(channels.server, PUBLIC)
        assert await client.hear_all() == []


async def test_a_private_channel_opens_to_the_token_of_its_auth_endpoint(channels: Running) -> None:
    async with channels.client() as client:
        await client.join(PRIVATE, **auth(client, PRIVATE))
        await publish(channels.server, PRIVATE)
        assert await client.hear() == moved(PRIVATE)


@pytest.mark.parametrize("token", ["", "nonsense", "é", f"{APP.key}:", f"{APP.key}:{'0' * 64}"])
async def test_a_private_channel_stays_closed_without_the_token(channels: Running, token: str) -> None:
    async with channels.client() as client:
        answer = await client.subscribe(PRIVATE, auth=token)
        assert answer.keys() == {"event", "channel", "data"}
        assert (answer["event"], answer["channel"]) == ("pusher:subscription_error", PRIVATE)
        assert answer["data"].keys() == {"type", "error", "status"}
        assert (answer["data"]["type"], answer["data"]["status"]) == ("AuthError", 401)
        await publish(channels.server, PRIVATE)
        assert await client.hear_all() == []


async def test_the_whole_token_must_match_its_key_included(channels: Running) -> None:
    async with channels.client() as client:
        key, _, signature = auth(client, PRIVATE)["auth"].partition(":")
        for token in [signature, f"other:{signature}", f"{key}:{signature.upper()}", f"{key}:{signature} "]:
            assert (await client.subscribe(PRIVATE, auth=token))["event"] == "pusher:subscription_error"


async def test_a_refusal_does_not_tell_the_token_that_would_have_done(channels: Running) -> None:
    async with channels.client() as client:
        signature = auth(client, PRIVATE)["auth"].partition(":")[2]
        assert signature not in str(await client.subscribe(PRIVATE, auth="wrong"))


async def test_a_token_opens_no_other_channel_and_no_other_connection(channels: Running) -> None:
    async with channels.client() as client, channels.client() as thief:
        token = auth(client, PRIVATE)["auth"]
        for who, channel in [(client, "private-hotel-dublin"), (thief, PRIVATE)]:
            assert (await who.subscribe(channel, auth=token))["event"] == "pusher:subscription_error"


async def test_after_a_refusal_the_connection_stays_and_a_good_token_opens(channels: Running) -> None:
    async with channels.client() as client:
        await client.subscribe(PRIVATE, auth="wrong")
        await client.join(PRIVATE, **auth(client, PRIVATE))


@pytest.mark.parametrize("channel", ["my-private-room", "privateer", "Private-room", "presenceful", "cached"])
async def test_only_a_whole_prefix_at_the_start_makes_a_channel_special(
    channels: Running, channel: str
) -> None:
    async with channels.client() as client:
        await client.join(channel)


async def test_data_that_is_encoded_once_more_is_understood(channels: Running) -> None:
    async with channels.client() as client:
        await client.say("pusher:subscribe", data='{"channel":"hotel-killarney"}')
        assert (await client.hear())["event"] == "pusher_internal:subscription_succeeded"


async def test_a_channel_name_has_up_to_200_characters(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("c" * 200)
        assert await client.subscribe("c" * 201) == {
            "event": "pusher:subscription_error",
            "channel": "c" * 201,
            "data": {
                "type": "LimitReached",
                "error": "A channel's name has at most 200 characters.",
                "status": 4009,
            },
        }


@pytest.mark.parametrize(
    "channel", ["", "with space", "hôtel", "a/b", "a#b", "#server-to-user-", "line\n", "a:b"]
)
async def test_other_characters_make_no_channel_name(channels: Running, channel: str) -> None:
    async with channels.client() as client:
        assert await client.subscribe(channel) == {
            "event": "pusher:subscription_error",
            "channel": channel,
            "data": {
                "type": "InvalidChannelName",
                "error": "A channel's name is made of letters, digits and _ - = @ , . ; only.",
                "status": 4009,
            },
        }


async def test_a_connection_joins_a_limited_number_of_channels() -> None:
    server = ChannelsServer([APP], limits=Limits(subscriptions_per_connection=3))
    async with running(server) as channels, channels.client() as client:
        for number in range(3):
            await client.join(f"channel-{number}")
        answer = await client.subscribe("channel-3")
        assert (answer["event"], answer["data"]["type"]) == ("pusher:subscription_error", "LimitReached")
        await client.unsubscribe("channel-0")
        await client.join("channel-3")


async def test_a_connection_that_wants_10_000_channels_gets_1_000_and_the_server_goes_on(
    channels: Running,
) -> None:
    async with channels.client() as greedy, channels.client() as other:
        async with asyncio.TaskGroup() as both_ways:
            hearing = both_ways.create_task(greedy.hear_next(10_000))
            for number in range(10_000):
                await greedy.say("pusher:subscribe", data={"channel": f"channel-{number}"})
        assert Counter(message["event"] for message in hearing.result()) == {
            "pusher_internal:subscription_succeeded": 1_000,
            "pusher:subscription_error": 9_000,
        }
        await other.join(PUBLIC)


async def test_who_is_disconnected_hears_nothing_more_and_comes_back_at_once(channels: Running) -> None:
    async with channels.client() as client, channels.client() as other:
        await client.join(PUBLIC)
        await other.join("hotel-dublin")
        assert channels.server.has_socket(client.socket_id)
        channels.server.disconnect_socket(client.socket_id)
        await publish(channels.server, PUBLIC)
        assert await client.hear_close() == (4200, "Connect and authorize again")
        assert await other.hear_all() == []
        await eventually(lambda: not channels.server.has_socket(client.socket_id))
        channels.server.disconnect_socket(client.socket_id)


async def test_a_connection_that_is_gone_leaves_nothing_behind(channels: Running) -> None:
    async with channels.client() as client:
        await client.join(PUBLIC)
        await client.join(PRIVATE, **auth(client, PRIVATE))
    await eventually(lambda: not channels.server.has_socket(client.socket_id))
    for channel in (PUBLIC, PRIVATE):
        path = f"/apps/{APP.id}/channels/{channel}"
        _, told = await ask(channels.server, signed("GET", path))
        assert told["occupied"] is False
