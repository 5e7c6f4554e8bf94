"""A client that was away gets what it missed from whichever process it comes back to."""

import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from redis.asyncio import Redis

from hotelmate.database import Database
from hotelmate.events.retention import prune
from tests.conftest import SeededPostgresql
from tests.processes.cluster import CLOCK, clock, cluster, follow_clock, seqs_heard, socket_to
from tests.redis_server import REDIS
from tests.server import Server
from tests.transports.test_sse import Stream

EVERYTHING = "subscription { clockStatus { seq } }"


@pytest.fixture
async def pair(
    tmp_path: Path, seeded_postgresql: SeededPostgresql, redis: Redis
) -> AsyncIterator[Sequence[Server]]:
    seeded_postgresql.reset()
    async with cluster(tmp_path, database_url=seeded_postgresql.url, redis_url=REDIS) as servers:
        yield servers


@asynccontextmanager
async def streamed(server: Server, *, last_event_id: str | None = None) -> AsyncIterator[Stream]:
    headers = {"Authorization": "Token demo-ben", "Accept": "text/event-stream"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = last_event_id
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/graphql", json={"query": EVERYTHING}, headers=headers) as response,
    ):
        yield Stream(response)


def seq_of(event: dict[str, str]) -> int:
    seq: int = orjson.loads(event["data"])["data"]["clockStatus"]["seq"]
    return seq


async def test_a_socket_resumes_at_another_process_with_the_cursor_that_it_has(
    pair: Sequence[Server],
) -> None:
    one, other = pair
    async with socket_to(one, "demo-ben") as socket:
        await follow_clock(socket, one)
        await clock(other, times=3)
        (*_, last) = await socket.hear_nexts(3)
        await one.stop(signal.SIGKILL)
    cursor = last["data"]["clockStatus"]["cursor"]
    await clock(other, times=4)
    async with socket_to(other, "demo-ben") as socket:
        await socket.subscribe("1", CLOCK, after=cursor)
        assert await seqs_heard(socket, 4) == [4, 5, 6, 7]
        await clock(other)
        assert await seqs_heard(socket, 1) == [8]


async def test_an_event_stream_resumes_at_another_process_by_its_last_event_id(
    pair: Sequence[Server],
) -> None:
    one, other = pair
    async with streamed(one) as stream:
        await stream.block()
        await clock(other, times=3)
        assert [seq_of(await stream.event()) for _ in range(2)] == [1, 2]
        last = await stream.event()
        await one.stop(signal.SIGKILL)
    await clock(other, times=4)
    async with streamed(other, last_event_id=last["id"]) as stream:
        assert [seq_of(await stream.event()) for _ in range(4)] == [4, 5, 6, 7]
        await clock(other)
        assert seq_of(await stream.event()) == 8


async def test_past_what_is_kept_every_process_refuses_the_cursor(
    pair: Sequence[Server], seeded_postgresql: SeededPostgresql
) -> None:
    one, other = pair
    hotel: dict[str, Any] = await one.data('{ hotel(slug: "killarney") { cursor } }')
    before = hotel["hotel"]["cursor"]
    await clock(one, times=3)
    database = Database(seeded_postgresql.url)
    while await prune(database, keep=timedelta(0)) == 0:
        pass  # until the bridge has delivered
    database.close()
    for server in (one, other):
        async with socket_to(server, "demo-ben") as socket:
            await socket.subscribe("1", CLOCK, after=before)
            message = await socket.hear()
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == "CURSOR_EXPIRED"
        async with streamed(server, last_event_id=before) as stream:
            (error,) = (await stream.data())["errors"]
            assert error["extensions"]["code"] == "CURSOR_EXPIRED"
            assert "event: complete" in await stream.rest()
