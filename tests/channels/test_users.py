"""Users who sign in: their own channel, being told of others, and being sent away."""

import orjson
import pusher
import pytest

from hotelmate.channels import ChannelsServer, Limits
from tests.channels.running import APP, Client, Message, Running, auth, running
from tests.channels.signed import ask, publish, signed

ANNA = {"id": "anna", "user_info": {"name": "Anna"}}


def token(client: Client, user_data: str) -> Message:
    """Sign a sign-in as the documentation describes it."""
    signature = pusher.signature.sign(APP.secret, f"{client.socket_id}::user::{user_data}")
    return {"auth": f"{APP.key}:{signature}", "user_data": user_data}


async def sign_in(client: Client, user: Message) -> Message:
    """Sign in, and return the answer."""
    await client.say("pusher:signin", data=token(client, orjson.dumps(user).decode()))
    return await client.hear()


def watchlist(change: str, *user_ids: str) -> Message:
    data = orjson.dumps({"events": [{"name": change, "user_ids": user_ids}]}).decode()
    return {"event": "pusher_internal:watchlist_events", "data": data}


async def terminate(channels: Running, user_id: str) -> None:
    path = f"/apps/{APP.id}/users/{user_id}/terminate_connections"
    assert await ask(channels.server, signed("POST", path)) == (200, {})


async def test_a_sign_in_is_confirmed_with_the_very_text_that_was_signed(channels: Running) -> None:
    async with channels.client() as client:
        user_data = '{ "id":"anna" ,"user_info":{"name":"\\u00c4nna"}}'
        await client.say("pusher:signin", data=token(client, user_data))
        answer = await client.hear()
        assert answer.keys() == {"event", "data"}
        assert answer["event"] == "pusher:signin_success"
        assert orjson.loads(answer["data"]) == {"user_data": user_data}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"auth": f"{APP.key}:0", "user_data": '{"id":"anna"}'}, "Invalid signature"),
        ({"auth": 7, "user_data": '{"id":"anna"}'}, 'A sign-in needs strings "auth" and "user_data".'),
        ({"auth": "x", "user_data": {"id": "anna"}}, 'A sign-in needs strings "auth" and "user_data".'),
        ({}, 'A sign-in needs strings "auth" and "user_data".'),
    ],
)
async def test_without_the_token_nobody_signs_in(channels: Running, data: Message, message: str) -> None:
    async with channels.client() as client:
        await client.say("pusher:signin", data=data)
        answer = await client.hear()
        assert answer["event"] == "pusher:error"
        assert answer["data"]["code"] == 4009
        assert answer["data"]["message"].startswith(message)
        assert (await client.subscribe("#server-to-user-anna"))["event"] == "pusher:subscription_error"


@pytest.mark.parametrize(
    "user_data",
    [
        "anna",
        "[]",
        "{}",
        '{"id":""}',
        '{"id":7}',
        f'{{"id":"{"u" * 129}"}}',
        '{"id":"anna","watchlist":"ben"}',
        '{"id":"anna","watchlist":[7]}',
        '{"id":"anna","user_info":' + "[" * 300 + "]" * 300 + "}",
    ],
)
async def test_signed_data_that_names_no_usable_user_is_refused(channels: Running, user_data: str) -> None:
    async with channels.client() as client:
        await client.say("pusher:signin", data=token(client, user_data))
        answer = await client.hear()
        assert (answer["event"], answer["data"]["code"]) == ("pusher:error", 4009)


async def test_a_signed_in_connection_keeps_its_user(channels: Running) -> None:
    async with channels.client() as client:
        await sign_in(client, ANNA)
        assert (await sign_in(client, ANNA))["event"] == "pusher:signin_success"
        answer = await sign_in(client, {"id": "ben"})
        assert answer["data"] == {"code": 4009, "message": "Signed in as another user already."}
        await client.join("#server-to-user-anna")


async def test_an_event_for_a_user_reaches_all_its_connections_and_nobody_else(channels: Running) -> None:
    async with channels.client() as desk, channels.client() as phone, channels.client() as other:
        for client in [desk, phone]:
            await sign_in(client, ANNA)
        await sign_in(other, {"id": "ben"})
        await publish(channels.server, "#server-to-user-anna", '{"for":"you"}')
        event = {"event": "moved", "channel": "#server-to-user-anna", "data": '{"for":"you"}'}
        assert await desk.hear_all() == [event]
        assert await phone.hear_all() == [event]
        assert await other.hear_all() == []


async def test_an_event_for_a_user_leaves_out_the_socket_it_names(channels: Running) -> None:
    async with channels.client() as desk, channels.client() as phone:
        for client in [desk, phone]:
            await sign_in(client, ANNA)
        await publish(channels.server, "#server-to-user-anna", socket_id=desk.socket_id)
        assert await desk.hear_all() == []
        assert len(await phone.hear_all()) == 1


async def test_the_channel_of_a_user_opens_to_that_user_only_and_delivers_once(channels: Running) -> None:
    channel = "#server-to-user-anna"
    async with channels.client() as client:
        assert await client.subscribe(channel, auth="") == {
            "event": "pusher:subscription_error",
            "channel": channel,
            "data": {
                "type": "AuthError",
                "error": "Not signed in as the user of this channel.",
                "status": 401,
            },
        }
        await sign_in(client, ANNA)
        await client.join(channel, auth="")
        await publish(channels.server, channel)
        assert len(await client.hear_all()) == 1
        assert (await client.subscribe("#server-to-user-ben"))["event"] == "pusher:subscription_error"


async def test_the_channels_of_users_are_not_listed(channels: Running) -> None:
    async with channels.client() as client:
        await sign_in(client, ANNA)
        await client.join("#server-to-user-anna")
        answer = await ask(channels.server, signed("GET", f"/apps/{APP.id}/channels"))
        assert answer == (200, {"channels": {}})


async def test_a_signed_in_connection_joins_a_presence_channel_as_its_user(channels: Running) -> None:
    async with channels.client() as client:
        await sign_in(client, ANNA)
        answer = await client.subscribe("presence-a", **auth(client, "presence-a"))
        assert orjson.loads(answer["data"]) == {
            "presence": {"ids": ["anna"], "hash": {"anna": {"name": "Anna"}}, "count": 1}
        }


async def test_a_user_too_large_for_presence_is_refused_there(channels: Running) -> None:
    async with channels.client() as client:
        await sign_in(client, {"id": "anna", "user_info": "x" * 1023})
        answer = await client.subscribe("presence-a", **auth(client, "presence-a"))
        assert (answer["data"]["type"], answer["data"]["status"]) == ("LimitReached", 4301)


async def test_terminating_a_user_closes_its_signed_in_connections_only(channels: Running) -> None:
    async with channels.client() as desk, channels.client() as phone, channels.client() as member:
        for client in [desk, phone]:
            await sign_in(client, ANNA)
        await member.join("presence-a", **auth(member, "presence-a", {"user_id": "anna"}))
        await terminate(channels, "anna")
        for client in [desk, phone]:
            assert await client.hear() == {
                "event": "pusher:error",
                "data": {"code": 4009, "message": "You got disconnected by the app."},
            }
            assert await client.hear_close() == (4009, "You got disconnected by the app.")
        assert await member.hear_all() == []


async def test_a_terminated_user_may_come_back(channels: Running) -> None:
    async with channels.client() as client:
        await sign_in(client, ANNA)
        await terminate(channels, "anna")
        await client.hear_close()
    async with channels.client() as client:
        assert (await sign_in(client, ANNA))["event"] == "pusher:signin_success"


async def test_terminating_is_possible_on_the_path_that_pythons_library_uses(channels: Running) -> None:
    async with channels.client() as client:
        await sign_in(client, ANNA)
        assert await ask(channels.server, signed("POST", "/users/anna/terminate_connections")) == (200, {})
        assert (await client.hear_close())[0] == 4009
    unknown = signed("POST", "/users/anna/terminate_connections", query={"auth_key": "nobody"})
    assert await ask(channels.server, unknown) == (
        401,
        {"error": "There is no app with this auth_key.", "code": 401},
    )


async def test_a_user_is_told_which_watched_users_are_online_come_and_go(channels: Running) -> None:
    async with channels.client() as ben, channels.client() as anna:
        await sign_in(ben, {"id": "ben"})
        await sign_in(anna, ANNA | {"watchlist": ["ben", "carla"]})
        assert await anna.hear_all() == [watchlist("online", "ben")]
        async with channels.client() as carla, channels.client() as carlas_phone:
            await sign_in(carla, {"id": "carla"})
            await sign_in(carlas_phone, {"id": "carla"})
            assert await anna.hear_all() == [watchlist("online", "carla")]
        assert await anna.hear() == watchlist("offline", "carla")
        assert await ben.hear_all() == []


async def test_a_watchlist_over_the_limit_signs_in_and_watches_nobody() -> None:
    server = ChannelsServer([APP], limits=Limits(watchlist_users=1))
    async with running(server) as channels, channels.client() as anna, channels.client() as ben:
        await sign_in(ben, {"id": "ben"})
        assert (await sign_in(anna, ANNA | {"watchlist": ["ben", "carla"]}))[
            "event"
        ] == "pusher:signin_success"
        assert await anna.hear_all() == [
            {
                "event": "pusher:error",
                "data": {"code": 4302, "message": "A watchlist has at most 1 users."},
            }
        ]


async def test_a_user_may_watch_itself(channels: Running) -> None:
    for _ in range(2):
        async with channels.client() as client:
            await sign_in(client, {"id": "anna", "watchlist": ["anna", "anna"]})
            assert await client.hear_all() == [watchlist("online", "anna")]
            await terminate(channels, "anna")
            await client.hear_close()
