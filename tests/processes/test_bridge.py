"""The bridges of several processes: each hotel has one that sends, and another when that dies."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import orjson
import pytest
from redis.asyncio import Redis

from tests.bridge.helpers import eventually
from tests.bridge.pusher_endpoint import PusherEndpoint, Received
from tests.conftest import SeededPostgresql
from tests.processes.cluster import clock, cluster
from tests.redis_server import REDIS
from tests.server import Server


@pytest.fixture(scope="module")
def endpoint() -> Iterator[PusherEndpoint]:
    with PusherEndpoint.run() as endpoint:
        yield endpoint


@pytest.fixture
async def pair(
    tmp_path: Path, seeded_postgresql: SeededPostgresql, redis: Redis, endpoint: PusherEndpoint
) -> AsyncIterator[Sequence[Server]]:
    seeded_postgresql.reset()
    await endpoint.reset()
    async with cluster(
        tmp_path, database_url=seeded_postgresql.url, redis_url=REDIS, **endpoint.environment
    ) as servers:
        yield servers


def seqs(received: Sequence[Received], slug: str) -> list[int]:
    return [each.seq for each in received if each.channel == f"hotel-{slug}"]


def delivered_by(server: Server) -> set[str]:
    """The hotels whose events a process has sent, as it says a moment later."""
    lines = [orjson.loads(line) for line in server.output.read_bytes().splitlines() if line[:1] == b"{"]
    return {line["hotel"] for line in lines if line["event"] == "batch_delivered"}


async def test_hotels_spread_over_the_processes_and_each_hotel_stays_in_order(
    pair: Sequence[Server], endpoint: PusherEndpoint
) -> None:
    one, other = pair
    await asyncio.gather(clock(one, times=10), clock(other, times=10, token="demo-carla"))
    received = await endpoint.received(20)
    assert seqs(received, "killarney") == seqs(received, "dublin") == list(range(1, 11))
    await eventually(lambda: (delivered_by(one), delivered_by(other)) == ({"killarney"}, {"dublin"}))


async def test_one_hotel_that_all_processes_change_is_sent_once_and_in_order(
    pair: Sequence[Server], endpoint: PusherEndpoint
) -> None:
    one, other = pair
    await asyncio.gather(clock(one, times=40), clock(other, times=40, token="demo-ben"))
    assert seqs(await endpoint.received(80), "killarney") == list(range(1, 81))
    assert len(await endpoint.received()) == 80


async def test_a_process_asks_for_what_it_records_while_another_has_the_hotel(
    pair: Sequence[Server], endpoint: PusherEndpoint, redis: Redis
) -> None:
    one, other = pair
    async with redis.pubsub() as listening:
        await listening.psubscribe("hotelmate:*:bridge")
        await endpoint.fail(seconds=1, takes=True, times=1)
        await clock(one)
        await endpoint.requests(1)
        await clock(other)
        async with asyncio.timeout(20):
            while (asked := await listening.get_message(timeout=1))["type"] != "pmessage":
                pass
    # Killarney's id, after the eight bytes that name the process.
    assert asked["data"][8:] == b"1"
    assert seqs(await endpoint.received(2), "killarney") == [1, 2]
    await eventually(lambda: delivered_by(one) == {"killarney"})
    assert delivered_by(other) == set()


async def test_the_hotels_of_a_process_that_is_killed_are_taken_over_within_ten_seconds(
    pair: Sequence[Server], endpoint: PusherEndpoint
) -> None:
    """It dies with a request under way that Pusher has taken and not answered: that much is repeated."""
    one, other = pair
    await endpoint.fail(seconds=30, takes=True, times=1)
    await clock(one, times=5)
    await endpoint.requests(1)
    await one.stop(signal.SIGKILL)
    killed_at = asyncio.get_running_loop().time()
    await clock(other, times=5)
    while set(seqs(await endpoint.received(), "killarney")) != set(range(1, 11)):
        await asyncio.sleep(0.05)
        assert asyncio.get_running_loop().time() - killed_at < 10
    heard = seqs(await endpoint.received(), "killarney")
    first_time = [seq for place, seq in enumerate(heard) if seq not in heard[:place]]
    assert first_time == list(range(1, 11))
