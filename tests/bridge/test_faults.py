"""Nothing is lost or out of order when Pusher fails, and when the server is killed while it does.

A real server, on the timing of production, sends to an endpoint that fails on demand.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.models import Hotel
from tests.bridge.helpers import deletion, record
from tests.bridge.ledger import assert_all_arrived
from tests.bridge.pusher_endpoint import PusherEndpoint
from tests.server import Server

# A lease of 8 s, a poll of 1 s, and what a busy machine needs besides.
TAKEN_OVER_WITHIN = 30
BACKLOG = 10_000
MEGABYTE = 1024 * 1024

CLOCK = "mutation { toggleClock { action } }"
OFFER = """mutation ($title: String!) {
  createOffer(input: {title: $title, shortDescription: "s"}) { id }
}"""
DELIVERY = "{ delivery { pending lastError deadLetters { event { seq } error } } }"

FAULTS: dict[str, dict[str, Any]] = {
    "answers 500": {"status": 500, "takes": False},
    "answers 429": {"status": 429, "headers": {"Retry-After": "3"}, "takes": False},
    "answers 401": {"status": 401, "body": "Timestamp expired", "takes": False},
    "hangs": {"hangs": True},
    "cuts the connection after it took the request": {"cuts": True},
    "takes the request and is slow to say so": {"seconds": 4},
}


@asynccontextmanager
async def serving(data_dir: Path, endpoint: PusherEndpoint) -> AsyncIterator[Server]:
    async with Server.run(data_dir, **endpoint.environment) as server:
        yield server


async def clock(server: Server, times: int) -> None:
    """Record so many events in each of the two hotels."""
    for _ in range(times):
        for token in ("demo-anna", "demo-carla"):
            await server.data(CLOCK, token=token)


async def delivery(server: Server) -> dict[str, Any]:
    data = await server.data(DELIVERY, token="demo-anna")
    found: dict[str, Any] = data["delivery"]
    return found


async def until_delivery(server: Server, **facts: Any) -> None:
    """Return as soon as killarney's delivery is so."""
    async with asyncio.timeout(TAKEN_OVER_WITHIN):
        while not facts.items() <= (await delivery(server)).items():
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_a_server_that_is_killed_while_pusher_fails_loses_nothing(
    tmp_path: Path, endpoint: PusherEndpoint, fault: dict[str, Any]
) -> None:
    async with serving(tmp_path, endpoint) as server:
        await clock(server, 2)
        healthy = len(await endpoint.received(at_least=4))
        await endpoint.fail(**fault)
        await clock(server, 12)
        await endpoint.requests(at_least=healthy + 1)
        await server.stop(signal.SIGKILL)
        await endpoint.recover()
        await server.start()
        await clock(server, 2)
        await endpoint.received(at_least=32, within=TAKEN_OVER_WITHIN)
        await until_delivery(server, pending=0, lastError=None)
    assert_all_arrived(tmp_path, await endpoint.received())


async def test_a_server_that_is_killed_while_pusher_refuses_connections_loses_nothing(
    tmp_path: Path, endpoint: PusherEndpoint
) -> None:
    async with serving(tmp_path, endpoint) as server:
        await clock(server, 2)
        await endpoint.received(at_least=4)
        await endpoint.refuse_connections()
        await clock(server, 12)
        async with asyncio.timeout(TAKEN_OVER_WITHIN):
            while "Cannot connect" not in ((await delivery(server))["lastError"] or ""):
                await asyncio.sleep(0.05)
        await server.stop(signal.SIGKILL)
        await server.start()
        await clock(server, 2)
        await endpoint.recover()
        await endpoint.received(at_least=32, within=TAKEN_OVER_WITHIN)
        await until_delivery(server, pending=0, lastError=None)
    assert_all_arrived(tmp_path, await endpoint.received())


async def test_a_server_that_is_killed_while_pusher_refuses_one_event_keeps_its_dead_letter(
    tmp_path: Path, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(status=400, body="No poison, please", holding="poison")
    async with serving(tmp_path, endpoint) as server:
        await clock(server, 2)
        await server.data(OFFER, token="demo-anna", title="poison")
        await clock(server, 2)
        await endpoint.received(at_least=8)
        await server.stop(signal.SIGKILL)
        await server.start()
        await clock(server, 2)
        await endpoint.received(at_least=12, within=TAKEN_OVER_WITHIN)
        await until_delivery(
            server, pending=0, deadLetters=[{"event": {"seq": 3}, "error": "400 No poison, please"}]
        )
        await endpoint.recover()
        await server.data("mutation { retryDeadLetters }", token="demo-anna")
        await until_delivery(server, deadLetters=[])
    assert_all_arrived(tmp_path, await endpoint.received(), apart_from={3})


async def test_a_request_that_hangs_is_given_up_and_made_again(
    tmp_path: Path, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(hangs=True, times=1)
    async with serving(tmp_path, endpoint) as server:
        await server.data(CLOCK, token="demo-anna")
        hung, answered = await endpoint.requests(at_least=2)
        assert answered["at"] - hung["at"] >= 5
        assert hung["batch"] == answered["batch"]
        await until_delivery(server, pending=0, lastError=None)


async def test_a_pause_that_pusher_asks_for_is_kept_by_a_server_that_is_started_again(
    tmp_path: Path, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(status=429, headers={"Retry-After": "4"})
    async with serving(tmp_path, endpoint) as server:
        await server.data(CLOCK, token="demo-anna")
        await until_delivery(server, lastError="429 {}")
        await server.stop(signal.SIGKILL)
        await endpoint.recover()
        await server.start()
        await endpoint.received(at_least=1)
    requests = await endpoint.requests()
    assert requests[-1]["status"] == 200
    assert all(after["at"] - before["at"] >= 4 for before, after in pairwise(requests))


async def test_a_process_that_was_stopped_past_its_lease_moves_no_cursor(
    tmp_path: Path, endpoint: PusherEndpoint
) -> None:
    async with serving(tmp_path, endpoint) as stopped, serving(tmp_path, endpoint) as other:
        await endpoint.fail(seconds=1, times=1)
        await stopped.data(CLOCK, token="demo-anna")
        await endpoint.requests(at_least=1)
        stopped.send(signal.SIGSTOP)
        await clock(other, 5)
        await endpoint.received(at_least=12, within=TAKEN_OVER_WITHIN)
        await until_delivery(other, pending=0)
        stopped.send(signal.SIGCONT)
        async with asyncio.timeout(TAKEN_OVER_WITHIN):
            while "lease_lost" not in stopped.output.read_text():
                await asyncio.sleep(0.05)
        assert (await delivery(other))["pending"] == 0
        await clock(stopped, 2)
        await endpoint.received(at_least=16)
        await until_delivery(stopped, pending=0)
    assert_all_arrived(tmp_path, await endpoint.received())


@pytest.mark.timeout(240)
async def test_ten_thousand_events_pile_up_in_flat_memory_and_arrive_though_the_server_is_killed(
    tmp_path: Path, endpoint: PusherEndpoint
) -> None:
    await endpoint.refuse_connections()
    async with serving(tmp_path, endpoint) as server:
        await record_many(server, 1_000)
        before = server.resident_bytes
        await record_many(server, 1_000)
        await asyncio.to_thread(record_elsewhere, tmp_path, BACKLOG - 2_000)
        assert server.resident_bytes - before < 8 * MEGABYTE
        await endpoint.recover()
        await endpoint.received(at_least=BACKLOG // 4, within=60)
        await server.stop(signal.SIGKILL)
        await server.start()
        await endpoint.received(at_least=BACKLOG, within=60)
        await until_delivery(server, pending=0)
        assert server.resident_bytes - before < 16 * MEGABYTE
    assert_all_arrived(tmp_path, await endpoint.received())


async def record_many(server: Server, events: int) -> None:
    """Have a server record so many events, half of them in each hotel, ten to a request, four at a time."""
    ten = {"query": "mutation { " + " ".join(f"n{n}: toggleClock {{ action }}" for n in range(10)) + " }"}

    async def call(session: aiohttp.ClientSession, token: str) -> None:
        headers = {"Authorization": f"Token {token}"}
        for _ in range(events // 40):
            async with session.post("/graphql", json=ten, headers=headers) as response:
                assert "errors" not in await response.json(content_type=None)

    async with aiohttp.ClientSession(server.url) as session, asyncio.TaskGroup() as callers:
        for token in ("demo-anna", "demo-carla") * 2:
            callers.create_task(call(session, token))


def record_elsewhere(data_dir: Path, events: int) -> None:
    """Record so many events, half of them in each hotel, as another process on the server's database does."""
    database = Database(f"sqlite:///{data_dir / 'hotelmate.sqlite3'}")
    with database.reading() as reading:
        hotels = [
            reading.exec(select(Hotel).where(Hotel.slug == slug)).one() for slug in ("killarney", "dublin")
        ]
    for _ in range(events // 200):
        for hotel in hotels:
            record(database, hotel, *[deletion()] * 100)
    database.close()
