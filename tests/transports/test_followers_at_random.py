"""Nothing lost and nothing twice, whatever the schedule, over real sockets and event streams.

Followers join where they were, read quickly, slowly or for a while not at all, and leave in the middle, while
somebody rings at random. `HOTELMATE_TEST_SEED` repeats what a failed test has printed.
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from itertools import islice
from typing import NamedTuple

import aiohttp
import orjson
import pytest

from hotelmate.database import Database
from hotelmate.schema.transports import Limits
from hotelmate.schema.transports.groups import Group, Member
from hotelmate.settings import Settings
from tests.transports.running import WAIT_SECONDS, Served, serving

QUERIES = (
    "subscription ($after: String) { rings(after: $after) { seq cursor text } }",
    "subscription ($after: String) { rings(after: $after) { ...Rung cursor } }"
    " fragment Rung on Ring { text seq }",
)
# They come back as they were, whatever JSON makes of them.
IDS = ("1", 'a "quoted" \\ one', "\n\t\u0000", "dó", "\U0001f6ce", "</script>\u2028")

# More than fits the buffers of those who do not read.
RINGS = 200
LONGEST = 4_000


class Rung(NamedTuple):
    """What a follower is sent."""

    seq: int
    cursor: str
    text: str


Follow = Callable[[Served, str, random.Random], AsyncGenerator[Rung, None]]


async def by_socket(served: Served, after: str, chances: random.Random) -> AsyncGenerator[Rung, None]:
    async with served.introduced(receive_buffer=4096) as client:
        names = chances.sample(IDS, 2)
        await client.subscribe(names[0], chances.choice(QUERIES), after=after)
        if chances.random() < 0.5:
            # Somebody else on the same socket, who leaves before long.
            await client.subscribe(names[1], QUERIES[0], after=after)
            await client.say(type="complete", id=names[1])
        try:
            while True:
                message = await client.hear()
                assert message["type"] == "next"
                if message["id"] == names[0]:
                    yield Rung(**message["payload"]["data"]["rings"])
                else:
                    assert message["id"] == names[1]
        finally:
            client.websocket.transport.abort()


async def by_event_stream(served: Served, after: str, chances: random.Random) -> AsyncGenerator[Rung, None]:
    headers = {"accept": "text/event-stream", "last-event-id": after}
    params = {"query": chances.choice(QUERIES)}
    async with (
        aiohttp.ClientSession(read_bufsize=8 * 1024) as session,
        session.get(served.url, params=params, headers=headers) as response,
    ):
        try:
            while True:
                async with asyncio.timeout(WAIT_SECONDS):
                    block = (await response.content.readuntil(b"\n\n")).decode()
                if block == ":\n\n":
                    continue
                fields = dict(line.split(": ", 1) for line in block.splitlines() if line)
                rung = Rung(**orjson.loads(fields["data"])["data"]["rings"])
                assert fields["id"] == rung.cursor
                yield rung
        finally:
            assert response.connection is not None
            assert response.connection.transport is not None
            response.connection.transport.abort()


@pytest.fixture
async def served(sqlite_database: Database, settings: Settings) -> AsyncIterator[Served]:
    limits = Limits(unsent_bytes=20_000)
    async with serving(sqlite_database, settings, limits=limits, ring_size=16, send_buffer=4096) as running:
        yield running


@pytest.fixture
def put_aside(monkeypatch: pytest.MonkeyPatch) -> list[Member]:
    """Those who had so much unread that the others went on without them."""
    members: list[Member] = []
    put_aside = Group._put_aside

    def noted(self: Group, member: Member, position: int) -> None:
        members.append(member)
        put_aside(self, member, position)

    monkeypatch.setattr(Group, "_put_aside", noted)
    return members


@pytest.mark.parametrize("round_", range(3))
async def test_each_follower_hears_everything_once_and_in_order(
    served: Served, put_aside: list[Member], round_: int
) -> None:
    seed = int(os.environ.get("HOTELMATE_TEST_SEED") or random.randrange(2**32))
    print(f"seed {seed}")
    chances = random.Random(seed + round_)
    texts = [f"{number}:{'x' * chances.randrange(LONGEST)}" for number in range(RINGS)]
    beginning = served.beginning
    all_rung = asyncio.Event()

    async def ring_all() -> None:
        unrung = iter(texts)
        while burst := list(islice(unrung, chances.choice([1, 3, 40]))):
            await served.ring(*burst)
            await asyncio.sleep(chances.choice([0, 0.005, 0.02]))
        all_rung.set()

    async def follow_all(*ways: Follow) -> None:
        heard: list[str] = []
        cursor = beginning
        while len(heard) < RINGS:
            wanted = chances.randrange(RINGS - len(heard) + 1) if chances.random() < 0.8 else RINGS
            pauses: list[float] = chances.choice([[0], [0, 0, 0.002], [0, 0, 0, 0, 0.1]])
            async with aclosing(chances.choice(ways)(served, cursor, chances)) as rungs:
                async for rung in rungs:
                    heard.append(rung.text)
                    assert rung.seq == len(heard)
                    cursor = rung.cursor
                    wanted -= 1
                    if wanted <= 0 or len(heard) == RINGS:
                        break
                    await asyncio.sleep(chances.choice(pauses))
        assert heard == texts

    async def read_nothing_until_all_has_been_rung(follow: Follow) -> None:
        async with aclosing(follow(served, beginning, chances)) as rungs:
            heard = [(await anext(rungs)).text]
            await all_rung.wait()
            while len(heard) < RINGS:
                heard.append((await anext(rungs)).text)
        assert heard == texts

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(ring_all())
        for follow in (by_socket, by_event_stream):
            tasks.create_task(read_nothing_until_all_has_been_rung(follow))
            for _ in range(3):
                tasks.create_task(follow_all(follow))
        tasks.create_task(follow_all(by_socket, by_event_stream))
    assert len(put_aside) >= 2
