"""The `pusher` server libraries, for Python and for Node, against this server."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pusher.errors import PusherBadAuth, PusherBadRequest, PusherBadStatus

from tests.channels.frontends import StartPusher, joined
from tests.channels.running import APP, MASTER_KEY, Client, Running, auth
from tests.clients.node import NodeClient

LOBBY = "presence-hotel-killarney"


def two_events() -> list[dict[str, Any]]:
    """Make a batch afresh each time, because Python's library changes what it is given."""
    return [
        {"channel": "a", "name": "moved", "data": {"number": 1, "text": "é"}},
        {"channel": "a", "name": "moved", "data": "two"},
    ]


@pytest.fixture
async def node_library(
    channels: Running, start_pusher_library: Callable[[], Awaitable[NodeClient]]
) -> NodeClient:
    """The library for Node, set up for this server."""
    library = await start_pusher_library()
    await library.command(
        "configure",
        appId=APP.id,
        key=APP.key,
        secret=APP.secret,
        host="127.0.0.1",
        port=str(channels.port),
        encryptionMasterKeyBase64=MASTER_KEY,
    )
    return library


async def test_pythons_library_triggers_events_that_arrive_as_it_encodes_them(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        library = channels.library()
        assert await asyncio.to_thread(library.trigger, ["a", "b"], "moved", {"text": "é"}) == {}
        assert await client.hear() == {"event": "moved", "channel": "a", "data": '{"text": "é"}'}
        assert await asyncio.to_thread(library.trigger_batch, two_events()) == {}
        assert [json.loads((await client.hear())["data"]), (await client.hear())["data"]] == [
            {"number": 1, "text": "é"},
            "two",
        ]


async def test_pythons_library_leaves_out_the_socket_it_names(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        library = channels.library()
        await asyncio.to_thread(library.trigger, "a", "moved", {}, client.socket_id)
        assert await client.hear_all() == []


async def test_pythons_library_raises_what_its_users_catch(channels: Running) -> None:
    wrong_secret = channels.library(secret="another")
    with pytest.raises(PusherBadAuth, match="Invalid signature"):
        await asyncio.to_thread(wrong_secret.trigger, "a", "moved", {})
    library = channels.library()
    with pytest.raises(PusherBadStatus, match="10240 bytes"):
        await asyncio.to_thread(library.trigger, "a", "moved", "x" * 10241)
    with pytest.raises(PusherBadRequest, match="1 to 10 events"):
        await asyncio.to_thread(library.trigger_batch, two_events() * 6)


async def test_pythons_library_reads_channels_and_users(channels: Running) -> None:
    library = channels.library()
    async with channels.client() as client:
        await client.join(LOBBY, **auth(client, LOBBY, {"user_id": "anna"}))
        await client.join("a")
        assert await asyncio.to_thread(library.channels_info, "presence-", ["user_count"]) == {
            "channels": {LOBBY: {"user_count": 1}}
        }
        assert await asyncio.to_thread(library.channel_info, "a", ["subscription_count"]) == {
            "occupied": True,
            "subscription_count": 1,
        }
        assert await asyncio.to_thread(library.users_info, LOBBY) == {"users": [{"id": "anna"}]}


async def test_nodes_library_triggers_events_that_arrive_as_it_encodes_them(
    channels: Running, node_library: NodeClient
) -> None:
    async with channels.client() as client:
        await client.join("a")
        await node_library.command("trigger", channels=["a", "b"], event="moved", data={"text": "é"})
        assert await node_library.wait_for("answer") == {"report": "answer", "status": 200, "body": "{}"}
        assert await client.hear() == {"event": "moved", "channel": "a", "data": '{"text":"é"}'}
        await node_library.command("triggerBatch", batch=two_events())
        assert (await node_library.wait_for("answer"))["status"] == 200
        assert [message["data"] for message in await client.hear_all()] == ['{"number":1,"text":"é"}', "two"]


async def test_nodes_library_is_told_why_it_is_refused(node_library: NodeClient) -> None:
    await node_library.command("trigger", channels=["a"], event="moved", data="x" * 10241)
    answer = await node_library.wait_for("answer")
    assert answer["status"] == 413
    assert json.loads(answer["body"]) == {"error": "data must not be larger than 10240 bytes.", "code": 413}


async def test_nodes_library_reads_channels_and_users(channels: Running, node_library: NodeClient) -> None:
    async with channels.client() as client:
        await client.join(LOBBY, **auth(client, LOBBY, {"user_id": "anna"}))
        counted = {"channels": {LOBBY: {"user_count": 1}}}
        for path, params, content in [
            ("/channels", {"filter_by_prefix": "presence-", "info": "user_count"}, counted),
            (f"/channels/{LOBBY}", {"info": "user_count"}, {"occupied": True, "user_count": 1}),
            (f"/channels/{LOBBY}/users", {}, {"users": [{"id": "anna"}]}),
        ]:
            await node_library.command("get", path=path, params=params)
            answer = await node_library.wait_for("answer")
            assert (answer["status"], json.loads(answer["body"])) == (200, content)


async def test_nodes_library_is_told_what_it_asks_for_when_it_triggers(
    channels: Running, node_library: NodeClient
) -> None:
    async with channels.client() as client:
        await client.join("a")
        params = {"info": "subscription_count", "socket_id": client.socket_id}
        await node_library.command("trigger", channels=["a", "b"], event="moved", data={}, params=params)
        assert json.loads((await node_library.wait_for("answer"))["body"]) == {
            "channels": {"a": {"subscription_count": 1}, "b": {"subscription_count": 0}}
        }
        assert await client.hear_all() == []


async def test_nodes_library_encrypts_what_pusher_js_decrypts(
    node_library: NodeClient, start_pusher: StartPusher
) -> None:
    client = await start_pusher()
    await joined(client, "private-encrypted-a")
    await node_library.command(
        "trigger", channels=["private-encrypted-a"], event="moved", data={"secret": "word"}
    )
    assert (await node_library.wait_for("answer"))["status"] == 200
    await client.wait_for("event", channel="private-encrypted-a", name="moved", data={"secret": "word"})


async def signed_in(client: Client, channels: Running) -> None:
    user = channels.library().authenticate_user(client.socket_id, {"id": "anna"})
    await client.say("pusher:signin", data=user)
    assert (await client.hear())["event"] == "pusher:signin_success"


async def test_nodes_library_sends_to_a_user(channels: Running, node_library: NodeClient) -> None:
    async with channels.client() as client, channels.client() as stranger:
        await signed_in(client, channels)
        await node_library.command("sendToUser", userId="anna", event="moved", data={"for": "you"})
        assert (await node_library.wait_for("answer"))["status"] == 200
        assert await client.hear_all() == [
            {"event": "moved", "channel": "#server-to-user-anna", "data": '{"for":"you"}'}
        ]
        assert await stranger.hear_all() == []


async def test_nodes_library_terminates_a_user(channels: Running, node_library: NodeClient) -> None:
    async with channels.client() as client:
        await signed_in(client, channels)
        await node_library.command("terminate", userId="anna")
        assert await node_library.wait_for("answer") == {"report": "answer", "status": 200, "body": "{}"}
        assert (await client.hear_close())[0] == 4009
