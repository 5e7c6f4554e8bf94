"""Presence channels: who is there, who comes and who goes."""

from typing import Any

import orjson
import pusher
import pytest

from hotelmate.channels import ChannelsServer, Limits
from tests.channels.running import APP, Client, Message, Running, auth, running
from tests.channels.signed import publish

LOBBY = "presence-hotel-killarney"

ANNA = {"user_id": "anna", "user_info": {"name": "Anna", "age": 40}}
BEN = {"user_id": "ben", "user_info": {"name": "Ben"}}


async def join(client: Client, user: Message, channel: str = LOBBY) -> Message:
    """Join as this user, and return the data of the confirmation."""
    answer = await client.subscribe(channel, **auth(client, channel, user))
    assert answer.keys() == {"event", "channel", "data"}
    assert (answer["event"], answer["channel"]) == ("pusher_internal:subscription_succeeded", channel)
    data: Message = orjson.loads(answer["data"])
    return data


def signed_verbatim(client: Client, channel_data: str) -> dict[str, str]:
    """Sign channel data as it stands, whatever it is."""
    signature = pusher.signature.sign(APP.secret, f"{client.socket_id}:{LOBBY}:{channel_data}")
    return {"auth": f"{APP.key}:{signature}", "channel_data": channel_data}


def arrival(user: Message) -> Message:
    return {
        "event": "pusher_internal:member_added",
        "channel": LOBBY,
        "data": orjson.dumps({"user_id": user["user_id"], "user_info": user["user_info"]}).decode(),
    }


def departure(user_id: str) -> Message:
    return {"event": "pusher_internal:member_removed", "channel": LOBBY, "data": f'{{"user_id":"{user_id}"}}'}


async def test_the_confirmation_lists_everyone_the_new_one_included(channels: Running) -> None:
    async with channels.client() as first, channels.client() as second:
        assert await join(first, ANNA) == {
            "presence": {"ids": ["anna"], "hash": {"anna": {"name": "Anna", "age": 40}}, "count": 1}
        }
        assert await join(second, BEN) == {
            "presence": {
                "ids": ["anna", "ben"],
                "hash": {"anna": {"name": "Anna", "age": 40}, "ben": {"name": "Ben"}},
                "count": 2,
            }
        }


async def test_a_user_without_info_is_listed_with_null(channels: Running) -> None:
    async with channels.client() as client:
        presence = (await join(client, {"user_id": "anna"}))["presence"]
        assert presence == {"ids": ["anna"], "hash": {"anna": None}, "count": 1}


async def test_those_present_are_told_who_comes_and_who_leaves(channels: Running) -> None:
    async with channels.client() as present:
        await join(present, ANNA)
        async with channels.client() as visitor:
            await join(visitor, BEN)
            assert await visitor.hear_all() == []
            assert await present.hear() == arrival(BEN)
            await visitor.unsubscribe(LOBBY)
            assert await present.hear() == departure("ben")
            await join(visitor, BEN)
            assert await present.hear() == arrival(BEN)
        assert await present.hear() == departure("ben")


async def test_a_users_second_connection_is_not_announced_and_its_end_neither(channels: Running) -> None:
    async with channels.client() as present, channels.client() as desk:
        await join(present, ANNA)
        await join(desk, BEN)
        assert await present.hear() == arrival(BEN)
        async with channels.client() as phone:
            assert (await join(phone, BEN))["presence"]["count"] == 2
            await phone.unsubscribe(LOBBY)
        assert await present.hear_all() == []
        await desk.unsubscribe(LOBBY)
        assert await present.hear_all() == [departure("ben")]


async def test_a_user_id_may_be_a_number_and_counts_as_its_text(channels: Running) -> None:
    async with channels.client() as one, channels.client() as other:
        assert (await join(one, {"user_id": 10}))["presence"]["ids"] == ["10"]
        assert (await join(other, {"user_id": "10"}))["presence"] == {
            "ids": ["10"],
            "hash": {"10": None},
            "count": 1,
        }


@pytest.mark.parametrize(
    ("channel_data", "message"),
    [
        ("{}", "channel_data needs a user_id of 1 to 128 characters."),
        ('{"user_id":""}', "channel_data needs a user_id of 1 to 128 characters."),
        ('{"user_id":null}', "channel_data needs a user_id of 1 to 128 characters."),
        ('{"user_id":true}', "channel_data needs a user_id of 1 to 128 characters."),
        ('{"user_id":["anna"]}', "channel_data needs a user_id of 1 to 128 characters."),
        (f'{{"user_id":"{"u" * 129}"}}', "channel_data needs a user_id of 1 to 128 characters."),
        ("[]", 'channel_data: "data" must be a JSON object.'),
        ("anna", 'channel_data: "data" is not valid JSON.'),
        (
            '{"user_id":"anna","user_info":' + "[" * 300 + "]" * 300 + "}",
            "channel_data: The data is nested too deeply.",
        ),
    ],
)
async def test_a_token_for_no_usable_user_is_refused(
    channels: Running, channel_data: str, message: str
) -> None:
    async with channels.client() as client:
        answer = await client.subscribe(LOBBY, **signed_verbatim(client, channel_data))
        assert answer == {
            "event": "pusher:subscription_error",
            "channel": LOBBY,
            "data": {"type": "AuthError", "error": message, "status": 401},
        }


async def test_a_token_without_a_user_is_refused(channels: Running) -> None:
    async with channels.client() as client:
        answer = await client.subscribe(LOBBY, **auth(client, LOBBY))
        assert answer["data"]["error"] == "A presence channel needs channel_data or a signed-in user."


async def test_channel_data_other_than_what_was_signed_is_refused(channels: Running) -> None:
    async with channels.client() as client:
        token = auth(client, LOBBY, ANNA)
        token["channel_data"] = token["channel_data"].replace("anna", "ben")
        assert (await client.subscribe(LOBBY, **token))["event"] == "pusher:subscription_error"


async def test_user_info_over_the_limit_is_refused(channels: Running) -> None:
    async with channels.client() as client:
        largest = {"user_id": "anna", "user_info": "x" * 1022}
        too_large = {"user_id": "anna", "user_info": "x" * 1023}
        answer = await client.subscribe(LOBBY, **auth(client, LOBBY, too_large))
        assert answer["data"] == {
            "type": "LimitReached",
            "error": "user_info must not be larger than 1024 bytes.",
            "status": 4301,
        }
        await join(client, largest)


async def test_a_full_channel_takes_no_more_users_but_more_connections_of_its_users() -> None:
    server = ChannelsServer([APP], limits=Limits(members_per_channel=1))
    async with running(server) as channels, channels.client() as desk, channels.client() as other:
        await join(desk, ANNA)
        answer = await other.subscribe(LOBBY, **auth(other, LOBBY, BEN))
        assert answer["data"] == {
            "type": "LimitReached",
            "error": "A presence channel has at most 1 members.",
            "status": 4100,
        }
        await join(other, ANNA)


async def test_members_receive_the_channels_events(channels: Running) -> None:
    async with channels.client() as client:
        await join(client, ANNA)
        await publish(channels.server, LOBBY)
        assert await client.hear_all() == [{"event": "moved", "channel": LOBBY, "data": "{}"}]


async def test_user_info_is_passed_on_whatever_json_it_is(channels: Running) -> None:
    for info in [[1, 2.5, "é"], "text", 7, False, {"deep": {"er": [None]}}]:
        async with channels.client() as client:
            presence: dict[str, Any] = await join(client, {"user_id": "anna", "user_info": info})
            assert presence["presence"]["hash"] == {"anna": info}
            await client.unsubscribe(LOBBY)
