"""`serve --workers`: several processes on one socket, which are kept going and end together."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from redis.asyncio import Redis

from tests.conftest import SeededPostgresql
from tests.processes.cluster import clock, follow_clock, seqs_heard, socket_to
from tests.redis_server import REDIS
from tests.server import Server
from tests.test_cli import assert_one_line, hotelmate


@pytest.fixture
async def workers(tmp_path: Path, seeded_postgresql: SeededPostgresql, redis: Redis) -> AsyncIterator[Server]:
    seeded_postgresql.reset()
    async with Server.run(
        tmp_path,
        arguments=("--workers", "2"),
        HOTELMATE_DATABASE_URL=seeded_postgresql.url.replace("+psycopg", ""),
        HOTELMATE_REDIS_URL=REDIS,
    ) as server:
        yield server


def logged(server: Server, event: str) -> list[dict[str, Any]]:
    lines = [orjson.loads(line) for line in server.output.read_bytes().splitlines() if line.startswith(b"{")]
    return [line for line in lines if line["event"] == event]


async def started(server: Server, count: int) -> list[int]:
    """Return the ids of the workers once so many have been started."""
    async with asyncio.timeout(20):
        while len(logged(server, "worker_started")) < count:
            await asyncio.sleep(0.02)
    return [line["pid"] for line in logged(server, "worker_started")]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(*pids: int) -> None:
    async with asyncio.timeout(20):
        while any(is_running(pid) for pid in pids):
            await asyncio.sleep(0.02)


async def test_a_worker_that_dies_is_replaced_while_the_other_serves(workers: Server) -> None:
    first, second = await started(workers, 2)
    for killed in (first, second):
        before = len(logged(workers, "worker_started"))
        os.kill(killed, signal.SIGKILL)
        await clock(workers)
        await started(workers, before + 1)
    assert [line["status"] for line in logged(workers, "worker_ended")] == [-9, -9]
    assert is_running(workers.pid)


async def test_subscribers_hear_what_is_committed_whichever_worker_they_are_at(workers: Server) -> None:
    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(hears(workers, ready, count=6))
        for _ in range(6):
            await ready.acquire()
        for _ in range(6):
            await clock(workers)


async def hears(server: Server, ready: asyncio.Semaphore, *, count: int) -> None:
    async with socket_to(server, "demo-ben") as socket:
        await follow_clock(socket, server)
        ready.release()
        assert await seqs_heard(socket, count) == list(range(1, count + 1))


async def test_sigterm_ends_all_of_them_and_tells_the_sockets(workers: Server) -> None:
    pids = await started(workers, 2)
    async with socket_to(workers, "demo-ben") as one, socket_to(workers, "demo-ben") as other:
        workers.send(signal.SIGTERM)
        assert (await one.hear_close())[0] == 1001
        assert (await other.hear_close())[0] == 1001
    await gone(*pids)
    assert logged(workers, "worker_ended") == []
    with pytest.raises(aiohttp.ClientConnectionError):
        await clock(workers)


async def test_workers_do_not_outlive_their_supervisor(workers: Server) -> None:
    pids = await started(workers, 2)
    workers.send(signal.SIGKILL)
    await gone(*pids)


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"HOTELMATE_REDIS_URL": "redis://127.0.0.1:6379/0"}, "HOTELMATE_DATABASE_URL"),
        ({"HOTELMATE_DATABASE_URL": "postgresql://postgres@127.0.0.1/x"}, "HOTELMATE_REDIS_URL"),
    ],
)
def test_workers_that_cannot_work_together_are_refused(
    tmp_path: Path, environment: dict[str, str], names: str
) -> None:
    done = hotelmate("serve", "--workers", "2", data_dir=tmp_path, **environment)
    assert_one_line(done, names=names)
