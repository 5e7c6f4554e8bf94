"""One run: everything is started, loaded, killed again and again, and held to account."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random

from hotelmate.bridge import backlog
from hotelmate.database import Database, Reading
from hotelmate.settings import load
from tests.bridge.pusher_endpoint import PusherEndpoint
from tests.databases import fill
from tests.durability.followers import Notes, by_event_stream, by_last_event_id, follow, over_a_socket
from tests.durability.verdict import Verdict, read_log
from tests.durability.verification import holes
from tests.durability.victims import Victim, kill_at_random, server_and_worker
from tests.durability.writers import Ledger, Writer
from tests.postgresql_server import PostgresqlServer
from tests.processes.cluster import cluster
from tests.redis_server import RedisServer
from tests.server import Server

_STAFF = {"killarney": "demo-anna", "dublin": "demo-carla"}
_SERVERS, _WORKERS = 2, 2
_WRITERS = {"killarney": ("anna", "ben"), "dublin": ("carla", "dora")}
_FOLLOWERS = {
    # how it follows, and whether it leaves by itself as well
    "socket": (over_a_socket, False),
    "restless-socket": (over_a_socket, True),
    "stream": (by_event_stream, False),
    "restless-stream": (by_last_event_id, True),
}
# Longer than anything may be put off, on a busy machine.
_SETTLE_SECONDS = 90
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Fleet:
    """Everything that runs. The endpoint, which is Pusher, is never killed."""

    postgresql: PostgresqlServer
    redis: RedisServer
    servers: Sequence[Server]
    endpoint: PusherEndpoint
    database: Database
    folder: Path

    @property
    def urls(self) -> list[str]:
        return [server.url for server in self.servers]

    def victims(self, random: Random) -> list[Victim]:
        servers = [
            server_and_worker(server, workers=_WORKERS, random=Random(random.random()))
            for server in self.servers
        ]
        return [
            Victim("PostgreSQL", self.postgresql.start, self.postgresql.kill, weight=2),
            Victim("Redis", self.redis.start, self.redis.kill, weight=2),
            *chain.from_iterable(servers),
        ]


async def run(*, seed: int, kills: int, on_kill: Callable[[Counter[str]], None] = lambda _: None) -> Verdict:
    """Run everything, kill so many times at random, and say what was found."""
    verdict, ledger, random = Verdict(seed), Ledger(), Random(seed)
    started = time.monotonic()
    async with _fleet() as fleet:
        notes = await _notes(fleet)
        async with _meanwhile(*_following(fleet, notes, random)):
            enough = asyncio.Event()
            async with asyncio.TaskGroup() as writing:
                for writer in _writers(fleet, ledger, random):
                    writing.create_task(writer.run(enough))
                verdict.kills = await kill_at_random(
                    fleet.victims(random), kills=kills, random=random, on_kill=on_kill
                )
                enough.set()
            followers = list(chain.from_iterable(notes.values()))
            await _settle(fleet, followers)
        await _judge(verdict, fleet, ledger, followers)
    verdict.seconds = time.monotonic() - started
    return verdict


async def _judge(verdict: Verdict, fleet: Fleet, ledger: Ledger, followers: Sequence[Notes]) -> None:
    log, heads = await fleet.database.read(read_log)
    verdict.judge_log(log, heads, ledger)
    for notes in followers:
        verdict.judge_subscriber(log[notes.hotel], notes)
    requests = await fleet.endpoint.requests()
    verdict.judge_pusher(log, requests, clocks_apart=time.time() - time.monotonic())
    verdict.add_holes(await asyncio.to_thread(holes, fleet.postgresql.url, fleet.folder, followers, requests))


@asynccontextmanager
async def _fleet() -> AsyncIterator[Fleet]:
    with PusherEndpoint.run() as endpoint, tempfile.TemporaryDirectory() as folder:
        async with PostgresqlServer.run() as postgresql, RedisServer.run() as redis:
            url = load(database_url=postgresql.url).database
            await asyncio.to_thread(fill, Database(url))
            database = Database(url)
            async with cluster(
                Path(folder),
                database_url=postgresql.url,
                redis_url=redis.url,
                size=_SERVERS,
                arguments=("--workers", str(_WORKERS)),
                **endpoint.environment,
            ) as servers:
                yield Fleet(postgresql, redis, servers, endpoint, database, Path(folder))
            database.close()


async def _notes(fleet: Fleet) -> dict[str, list[Notes]]:
    """Begin a page for each follower of each hotel, with the hotel's cursor from before anything happened."""
    notes = {}
    for hotel in _STAFF:
        read = await fleet.servers[0].data(
            "query ($slug: String!) { hotel(slug: $slug) { cursor } }", slug=hotel
        )
        notes[hotel] = [Notes(name, hotel, read["hotel"]["cursor"]) for name in _FOLLOWERS]
    return notes


def _following(
    fleet: Fleet, notes: Mapping[str, Sequence[Notes]], random: Random
) -> list[Coroutine[None, None, None]]:
    return [
        follow(fleet.urls, _STAFF[hotel], each, transport, restless=restless, random=Random(random.random()))
        for hotel, of_hotel in notes.items()
        for each, (transport, restless) in zip(of_hotel, _FOLLOWERS.values(), strict=True)
    ]


def _writers(fleet: Fleet, ledger: Ledger, random: Random) -> list[Writer]:
    return [
        Writer(
            name,
            fleet.urls,
            hotel=hotel,
            token=token,
            ledger=ledger,
            random=Random(random.random()),
        )
        for hotel, token in _STAFF.items()
        for name in _WRITERS[hotel]
    ]


@asynccontextmanager
async def _meanwhile(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do these things while the block runs, and stop them with it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()


async def _settle(fleet: Fleet, followers: Sequence[Notes]) -> None:
    """Wait until everything that was recorded has arrived everywhere, or for long enough."""

    def has_arrived(reading: Reading) -> bool:
        standing = {each.hotel_slug: each for each in backlog.of_all(reading)}
        return not any(each.pending for each in standing.values()) and all(
            each.heard_up_to >= standing[each.hotel].latest_seq for each in followers
        )

    with suppress(TimeoutError):
        async with asyncio.timeout(_SETTLE_SECONDS):
            while not await fleet.database.read(has_arrived):
                await asyncio.sleep(_LOOK_SECONDS)
