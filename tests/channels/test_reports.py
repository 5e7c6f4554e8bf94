"""What the HTTP API tells about channels and the users in them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.channels.running import APP, Running, auth
from tests.channels.signed import ask, publish, signed

CHANNELS = f"/apps/{APP.id}/channels"


async def tell(channels: Running, path: str = "", **query: str) -> tuple[int, Any]:
    return await ask(channels.server, signed("GET", CHANNELS + path, query=query))


@pytest.fixture
async def occupied(channels: Running) -> AsyncIterator[Running]:
    """A server with two connections in `a`, and with anna, twice, and ben in `presence-b`."""
    async with channels.client() as one, channels.client() as two, channels.client() as three:
        await one.join("a")
        await two.join("a")
        for client, user in [(one, "anna"), (two, "anna"), (three, "ben")]:
            await client.join("presence-b", **auth(client, "presence-b", {"user_id": user}))
        yield channels


async def test_without_anybody_there_are_no_channels(channels: Running) -> None:
    assert await tell(channels) == (200, {"channels": {}})


async def test_occupied_channels_are_listed(occupied: Running) -> None:
    await publish(occupied.server, "cache-unoccupied")
    assert await tell(occupied) == (200, {"channels": {"a": {}, "presence-b": {}}})


async def test_the_list_is_filtered_by_prefix(occupied: Running) -> None:
    assert await tell(occupied, filter_by_prefix="presence-") == (200, {"channels": {"presence-b": {}}})
    assert await tell(occupied, filter_by_prefix="none") == (200, {"channels": {}})


async def test_the_list_tells_what_is_asked_for(occupied: Running) -> None:
    assert await tell(occupied, filter_by_prefix="presence-b", info="user_count") == (
        200,
        {"channels": {"presence-b": {"user_count": 2}}},
    )
    assert await tell(occupied, info="subscription_count,unheard_of") == (
        200,
        {"channels": {"a": {"subscription_count": 2}, "presence-b": {"subscription_count": 3}}},
    )


@pytest.mark.parametrize("query", [{}, {"filter_by_prefix": "presence"}, {"filter_by_prefix": "private-"}])
async def test_users_are_only_counted_where_all_channels_have_some(
    occupied: Running, query: dict[str, str]
) -> None:
    assert await tell(occupied, info="user_count", **query) == (
        400,
        {"error": "user_count needs a filter_by_prefix that begins with presence-.", "code": 400},
    )


async def test_one_channel_is_told_with_what_is_asked_for(occupied: Running) -> None:
    assert await tell(occupied, "/a") == (200, {"occupied": True})
    assert await tell(occupied, "/a", info="subscription_count") == (
        200,
        {"occupied": True, "subscription_count": 2},
    )
    assert await tell(occupied, "/presence-b", info="user_count") == (
        200,
        {"occupied": True, "user_count": 2},
    )


async def test_a_channel_that_nobody_is_in_is_told_as_such(channels: Running) -> None:
    assert await tell(channels, "/presence-b", info="user_count,subscription_count") == (
        200,
        {"occupied": False, "user_count": 0, "subscription_count": 0},
    )


async def test_users_of_a_channel_that_has_none_are_not_counted(occupied: Running) -> None:
    assert await tell(occupied, "/a", info="user_count") == (
        400,
        {"error": "user_count needs a presence channel.", "code": 400},
    )


async def test_a_cache_channel_tells_its_last_event(channels: Running) -> None:
    assert await tell(channels, "/cache-a", info="cache") == (200, {"occupied": False, "cache": None})
    await publish(channels.server, "cache-a", '{"on":true}')
    status, content = await tell(channels, "/cache-a", info="cache")
    assert status == 200
    assert content["cache"]["data"] == '{"on":true}'
    assert 1790 <= content["cache"]["ttl"] <= 1800


@pytest.mark.parametrize("name", ["with space", "#server-to-user-7", "c" * 201])
async def test_what_is_no_channel_name_is_refused(channels: Running, name: str) -> None:
    assert (await tell(channels, f"/{name}"))[0] == 400
    assert (await tell(channels, f"/{name}/users"))[0] == 400


async def test_the_users_of_a_presence_channel_are_listed_once_each(occupied: Running) -> None:
    assert await tell(occupied, "/presence-b/users") == (200, {"users": [{"id": "anna"}, {"id": "ben"}]})


async def test_an_empty_presence_channel_has_no_users(channels: Running) -> None:
    assert await tell(channels, "/presence-b/users") == (200, {"users": []})


async def test_other_channels_have_no_users_to_list(occupied: Running) -> None:
    answer = await tell(occupied, "/a/users")
    assert answer == (400, {"error": "Only presence channels have users.", "code": 400})


async def test_channels_are_forgotten_when_the_last_has_gone(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        await client.join("presence-b", **auth(client, "presence-b", {"user_id": "anna"}))
    async with asyncio.timeout(10):
        while await tell(channels) != (200, {"channels": {}}):
            await asyncio.sleep(0.01)


async def test_publishing_tells_what_is_asked_for_of_each_channel(occupied: Running) -> None:
    event = {
        "name": "moved",
        "channels": ["a", "presence-b"],
        "data": "",
        "info": "user_count,subscription_count",
    }
    assert await ask(occupied.server, signed("POST", f"/apps/{APP.id}/events", event)) == (
        200,
        {
            "channels": {
                "a": {"subscription_count": 2},
                "presence-b": {"user_count": 2, "subscription_count": 3},
            }
        },
    )


async def test_a_batch_tells_what_is_asked_for_by_its_order(occupied: Running) -> None:
    batch = [
        {"name": "moved", "channel": "a", "data": "", "info": "subscription_count"},
        {"name": "moved", "channel": "a", "data": ""},
    ]
    assert await ask(occupied.server, signed("POST", f"/apps/{APP.id}/batch_events", {"batch": batch})) == (
        200,
        {"batch": [{"subscription_count": 2}, {}]},
    )


async def test_info_that_is_no_text_is_refused(channels: Running) -> None:
    event = {"name": "moved", "channel": "a", "data": "", "info": ["user_count"]}
    answer = await ask(channels.server, signed("POST", f"/apps/{APP.id}/events", event))
    assert answer == (400, {"error": "info must be a string of names joined by commas.", "code": 400})
