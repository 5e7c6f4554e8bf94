"""What one process commits reaches whoever listens at another: at once by Redis, and in time without it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.conftest import SeededPostgresql
from tests.processes.cluster import CLOCK, clock, cluster, follow_clock, seqs_heard, socket_to
from tests.redis_server import REDIS, RedisServer
from tests.server import Server
from tests.transports.running import WAIT_SECONDS

LOG_OUT = "mutation { logOut }"


@pytest.fixture
def postgresql_url(seeded_postgresql: SeededPostgresql) -> str:
    seeded_postgresql.reset()
    return seeded_postgresql.url


@pytest.fixture
async def pair(tmp_path: Path, postgresql_url: str, redis: Redis) -> AsyncIterator[Sequence[Server]]:
    """Two processes whose polls come too late to explain anything that a test sees."""
    async with cluster(
        tmp_path, database_url=postgresql_url, redis_url=REDIS, HOTELMATE_POLL_SECONDS="600"
    ) as servers:
        yield servers


async def test_a_subscriber_hears_at_once_what_another_process_commits(pair: Sequence[Server]) -> None:
    one, other = pair
    async with socket_to(other, "demo-ben") as socket:
        await follow_clock(socket, one)
        await clock(one)
        started = time.monotonic()
        assert await seqs_heard(socket, 1) == [1]
        assert time.monotonic() - started < 1
        await clock(other)
        await clock(one, times=3)
        assert await seqs_heard(socket, 4) == [2, 3, 4, 5]


async def test_commits_of_two_processes_at_once_arrive_once_and_in_order(pair: Sequence[Server]) -> None:
    one, other = pair
    async with socket_to(one, "demo-ben") as here, socket_to(other, "demo-ben") as there:
        for socket in (here, there):
            await follow_clock(socket, one)
        await asyncio.gather(
            clock(one, times=20), clock(other, times=20, token="demo-ben"), clock(other, times=20)
        )
        for socket in (here, there):
            assert await seqs_heard(socket, 60) == list(range(1, 61))


async def test_a_process_follows_only_the_hotels_that_it_has_subscribers_for(
    pair: Sequence[Server], redis: Redis
) -> None:
    async def followed() -> list[bytes]:
        return [name for name in await redis.pubsub_channels("hotelmate:*") if b":hotel:" in name]

    before = set(await followed())
    async with socket_to(pair[0], "demo-ben") as socket:
        await follow_clock(socket, pair[0])
        while not set(await followed()) - before:
            await asyncio.sleep(0.01)
        assert {name.rpartition(b":")[2] for name in set(await followed()) - before} == {b"1"}
    while set(await followed()) - before:
        await asyncio.sleep(0.01)


async def test_rights_that_end_at_one_process_close_the_sockets_of_all(pair: Sequence[Server]) -> None:
    one, other = pair
    logged_in = await one.data('mutation { logIn(username: "ben", password: "demo") { token } }')
    token = logged_in["logIn"]["token"]
    async with socket_to(other, token) as socket:
        await follow_clock(socket, one)
        started = time.monotonic()
        await one.data(LOG_OUT, token=token)
        assert (await socket.hear_close())[0] == 4403
        assert time.monotonic() - started < 1


async def test_without_redis_the_poll_finds_events_and_ended_rights(
    tmp_path: Path, postgresql_url: str, redis_server: RedisServer
) -> None:
    async with cluster(
        tmp_path, database_url=postgresql_url, redis_url=redis_server.url, HOTELMATE_POLL_SECONDS="0.5"
    ) as (one, other):
        logged_in = await one.data('mutation { logIn(username: "ben", password: "demo") { token } }')
        token = logged_in["logIn"]["token"]
        async with socket_to(other, token) as socket:
            await follow_clock(socket, one)
            await redis_server.kill()
            await clock(one, times=3)
            assert await seqs_heard(socket, 3) == [1, 2, 3]
            await clock(one, times=2)
            assert await seqs_heard(socket, 2) == [4, 5]
            await one.data(LOG_OUT, token=token)
            assert (await socket.hear_close())[0] == 4403


async def test_when_redis_is_back_what_it_lost_is_found_at_once_and_what_comes_is_heard(
    tmp_path: Path, postgresql_url: str, redis_server: RedisServer
) -> None:
    async with (
        cluster(
            tmp_path, database_url=postgresql_url, redis_url=redis_server.url, HOTELMATE_POLL_SECONDS="600"
        ) as (one, other),
        socket_to(other, "demo-ben") as socket,
    ):
        await follow_clock(socket, one)
        # Once it is heard nothing of the beginning is still to be read, which would find what comes too.
        await clock(one, times=1)
        assert await seqs_heard(socket, 1) == [1]
        await redis_server.kill()
        await clock(one, times=3)
        assert await socket.hear_all() == []
        await redis_server.start()
        assert await seqs_heard(socket, 3) == [2, 3, 4]
        await clock(one, times=2)
        assert await seqs_heard(socket, 2) == [5, 6]


async def test_who_joins_where_the_last_events_are_not_known_yet_is_sent_them(
    tmp_path: Path, postgresql_url: str, redis_server: RedisServer
) -> None:
    """The hotel is followed there already, and what is asked for is something else."""
    async with (
        cluster(
            tmp_path, database_url=postgresql_url, redis_url=redis_server.url, HOTELMATE_POLL_SECONDS="600"
        ) as (one, other),
        socket_to(other, "demo-ben") as socket,
    ):
        await follow_clock(socket, one)
        await clock(one)
        assert await seqs_heard(socket, 1) == [1]
        read = await one.data('{ hotel(slug: "killarney") { cursor } }')
        await redis_server.kill()
        await clock(one, times=2)
        await socket.subscribe("2", CLOCK + " ", after=read["hotel"]["cursor"])
        async with asyncio.timeout(WAIT_SECONDS):
            messages = [await socket.hear() for _ in range(4)]
        for id in ("1", "2"):
            heard = [message["payload"] for message in messages if message["id"] == id]
            assert [payload["data"]["clockStatus"]["seq"] for payload in heard] == [2, 3]


async def test_a_redis_that_is_silent_holds_up_nobody_and_costs_no_event(
    tmp_path: Path, postgresql_url: str, redis_server: RedisServer
) -> None:
    """It keeps its connections and answers nothing, as one does whose machine hangs."""
    async with (
        cluster(
            tmp_path, database_url=postgresql_url, redis_url=redis_server.url, HOTELMATE_POLL_SECONDS="0.5"
        ) as (one, other),
        socket_to(other, "demo-ben") as socket,
    ):
        await follow_clock(socket, one)
        redis_server.freeze()
        await clock(one, times=3)
        assert await seqs_heard(socket, 3) == [1, 2, 3]
        redis_server.thaw()
        await clock(one, times=2)
        assert await seqs_heard(socket, 2) == [4, 5]
        assert await socket.hear_all() == []
