"""Telling subscribers how many they are, where an app wants that."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hotelmate.channels import ChannelsServer, counts
from tests.channels.running import APP, Message, Running, auth, running


@pytest.fixture
async def counting() -> AsyncIterator[Running]:
    """A server whose app has counts switched on."""
    async with running(ChannelsServer([replace(APP, subscription_counts=True)])) as channels:
        yield channels


def count(number: int) -> Message:
    return {
        "event": "pusher_internal:subscription_count",
        "channel": "a",
        "data": f'{{"subscription_count":{number}}}',
    }


async def test_everyone_is_told_the_count_after_each_change(counting: Running) -> None:
    async with counting.client() as one, counting.client() as two:
        await one.join("a")
        assert await one.hear() == count(1)
        await two.join("a")
        assert await one.hear() == count(2)
        assert await two.hear() == count(2)
        await two.unsubscribe("a")
        assert await one.hear() == count(1)


async def test_presence_channels_are_not_counted(counting: Running) -> None:
    async with counting.client() as client:
        await client.join("presence-a", **auth(client, "presence-a", {"user_id": "anna"}))
        assert await client.hear_all() == []


async def test_apps_do_without_unless_they_ask(channels: Running) -> None:
    async with channels.client() as client:
        await client.join("a")
        assert await client.hear_all() == []


async def test_a_large_channel_gathers_changes(counting: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "LARGE", 1)
    monkeypatch.setattr(counts, "PAUSE_SECONDS", 0.1)
    async with counting.client() as one, counting.client() as two, counting.client() as three:
        await one.join("a")
        assert await one.hear() == count(1)
        await two.join("a")
        await three.join("a")
        assert await one.hear() == count(3)
        assert await one.hear_all() == []
