"""Cache channels: the last event awaits whoever subscribes."""

import pytest

from hotelmate.channels.cache import EventCache
from tests.channels.running import Client, Message, Running, auth
from tests.channels.signed import publish

CACHE_CHANNELS = ["cache-a", "private-cache-a", "presence-cache-a", "private-encrypted-cache-a"]


def moved(channel: str, data: str) -> Message:
    return {"event": "moved", "channel": channel, "data": data}


def credentials(client: Client, channel: str) -> dict[str, str]:
    if channel.startswith("cache-"):
        return {}
    return auth(client, channel, {"user_id": "anna"} if channel.startswith("presence-") else None)


@pytest.mark.parametrize("channel", CACHE_CHANNELS)
async def test_a_subscriber_begins_with_the_last_event_or_a_miss(channels: Running, channel: str) -> None:
    async with channels.client() as early, channels.client() as late:
        await early.join(channel, **credentials(early, channel))
        assert await early.hear_all() == [{"event": "pusher:cache_miss", "channel": channel}]
        await publish(channels.server, channel, "1")
        await publish(channels.server, channel, "2")
        await late.join(channel, **credentials(late, channel))
        assert await late.hear_all() == [moved(channel, "2")]


async def test_an_event_is_kept_also_while_nobody_is_subscribed(channels: Running) -> None:
    await publish(channels.server, "cache-a", "1")
    async with channels.client() as client:
        await client.join("cache-a")
        assert await client.hear_all() == [moved("cache-a", "1")]
        await client.unsubscribe("cache-a")
        await client.join("cache-a")
        assert await client.hear_all() == [moved("cache-a", "1")]


async def test_an_event_is_kept_also_for_who_was_left_out_of_it(channels: Running) -> None:
    async with channels.client() as client:
        await publish(channels.server, "cache-a", "1", socket_id=client.socket_id)
        await client.join("cache-a")
        assert await client.hear_all() == [moved("cache-a", "1")]


async def test_members_who_come_and_go_do_not_become_the_cached_event(channels: Running) -> None:
    channel = "presence-cache-a"
    async with channels.client() as client, channels.client() as other:
        await publish(channels.server, channel, "1")
        await other.join(channel, **auth(other, channel, {"user_id": "ben"}))
        assert await other.hear_all() == [moved(channel, "1")]
        await other.unsubscribe(channel)
        await client.join(channel, **auth(client, channel, {"user_id": "anna"}))
        assert await client.hear_all() == [moved(channel, "1")]


@pytest.mark.parametrize("channel", ["a", "cached", "my-cache-a"])
async def test_other_channels_keep_nothing_and_miss_nothing(channels: Running, channel: str) -> None:
    await publish(channels.server, channel)
    async with channels.client() as client:
        await client.join(channel)
        assert await client.hear_all() == []


def test_an_event_is_kept_for_the_time_set_and_then_forgotten() -> None:
    now = 1000.0
    cache = EventCache(60, clock=lambda: now)
    cache.keep("cache-a", event="e", data="1")
    now += 59
    cache.keep("cache-b", event="e", data="1")
    kept = cache.get("cache-a")
    assert kept is not None
    assert (kept.data, cache.seconds_left(kept)) == ("1", 1)
    now += 1
    assert cache.get("cache-a") is None
    assert cache.get("cache-b") is not None


def test_what_has_expired_is_dropped_as_other_events_come_in() -> None:
    now = 1000.0
    cache = EventCache(60, clock=lambda: now)
    for name in ["cache-a", "cache-b", "cache-a"]:
        cache.keep(name, event="e", data="")
        now += 40
    cache.keep("cache-c", event="e", data="")
    assert list(cache._events) == ["cache-a", "cache-c"]
