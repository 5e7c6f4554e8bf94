"""At every door an operation that takes too long is answered in time, and leaves nothing behind."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from tests.databases import SeededPostgresql
from tests.processes.cluster import TOGGLE, clock, follow_clock, seqs_heard, socket_to
from tests.server import Server
from tests.test_deadlines import COUNT_FOR_HOURS
from tests.transports.running import Socket

STOPPED = "This took too long and was stopped."
PAGE = '{ hotel(slug: "killarney") { roomTypes { id } } }'
COLLEAGUES = "{ staff(first: 1) { edges { node { id } } } }"
STAFF = {"Authorization": "Token demo-anna"}
ROUNDS = 2


async def over_http(server: Server, document: str) -> tuple[int, dict[str, Any]]:
    """The status of a request's answer, and its one error."""
    async with (
        aiohttp.ClientSession(headers=STAFF) as session,
        session.post(f"{server.url}/graphql", json={"query": document}) as response,
    ):
        [error] = (await response.json(content_type=None))["errors"]
        return response.status, error


async def over_sse(server: Server, document: str) -> str:
    """The whole of an event stream that ends at once."""
    async with (
        aiohttp.ClientSession(headers=STAFF | {"Accept": "text/event-stream"}) as session,
        session.post(f"{server.url}/graphql", json={"query": document}) as response,
    ):
        return await response.text()


async def over_rest(server: Server, method: str, path: str) -> tuple[int, str | None, str]:
    """The status of a request's answer, its Retry-After, and what is wrong."""
    async with (
        aiohttp.ClientSession(headers=STAFF) as session,
        session.request(method, f"{server.url}/api/{path}") as response,
    ):
        return response.status, response.headers.get("retry-after"), (await response.json())["error"]


async def over_websocket(socket: Socket, document: str) -> dict[str, Any]:
    """The one error that is sent for an operation, or with its result."""
    await socket.subscribe(document, document)
    message = await socket.hear()
    errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
    if message["type"] == "next":
        assert (await socket.hear())["type"] == "complete"
    [error] = errors
    assert isinstance(error, dict)
    return error


def assert_stopped(error: dict[str, Any]) -> None:
    # Of a change it is said besides that nothing was changed, if it had come to that.
    assert error["message"].startswith(STOPPED)
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["id"]


async def clock_works(server: Server) -> None:
    """Somebody clocks in, and that is the first event: those that were stopped have left none."""
    async with socket_to(server, "demo-anna") as socket:
        await follow_clock(socket, server)
        await clock(server)
        assert await seqs_heard(socket, 1) == [1]


async def log_in_slowly(server: Server) -> int:
    """Send a body that takes longer to come than an operation may."""

    async def body() -> AsyncIterator[bytes]:
        yield b'{"username": "anna",'
        await asyncio.sleep(1.5)
        yield b'"password": "demo"}'

    async with (
        aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session,
        session.post(f"{server.url}/api/staff/login/", data=body()) as response,
    ):
        return response.status


@asynccontextmanager
async def hotels_locked(url: str) -> AsyncIterator[None]:
    """Nobody can read or change a hotel."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("LOCK TABLE hotel IN ACCESS EXCLUSIVE MODE")
        yield
        await connection.rollback()


async def test_on_postgresql_every_door_answers_in_time(
    seeded_postgresql: SeededPostgresql, tmp_path: Path
) -> None:
    seeded_postgresql.reset()
    url = seeded_postgresql._plain_url
    environment = {"HOTELMATE_DATABASE_URL": url, "HOTELMATE_OPERATION_SECONDS": "1"}
    async with Server.run(tmp_path, **environment) as server:
        async with socket_to(server, "demo-anna") as socket, hotels_locked(url):
            for _ in range(ROUNDS):
                # What no lock is in the way of is answered all the while.
                async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
                    queried = tasks.create_task(over_http(server, PAGE))
                    changed = tasks.create_task(over_http(server, TOGGLE))
                    streamed = tasks.create_task(over_sse(server, "subscription { clockStatus { seq } }"))
                    page = tasks.create_task(over_rest(server, "GET", "public/hotel/killarney/"))
                    clocked = tasks.create_task(over_rest(server, "POST", "staff/killarney/clock/"))
                    beside = tasks.create_task(server.data(COLLEAGUES, token="demo-anna"))
                assert beside.result()["staff"]["edges"]
                status, error = queried.result()
                assert status == 503
                assert_stopped(error)
                assert_stopped(changed.result()[1])
                assert f'"message":"{STOPPED}"' in streamed.result()
                assert page.result() == (503, "5", STOPPED)
                assert clocked.result()[:2] == (503, "5")
            assert_stopped(await over_websocket(socket, PAGE))
            assert_stopped(await over_websocket(socket, TOGGLE))
            assert_stopped(await over_websocket(socket, "subscription { clockStatus { seq } }"))
        await clock_works(server)


async def test_on_sqlite_slow_reads_and_writes_are_stopped(tmp_path: Path) -> None:
    async with Server.run(tmp_path, HOTELMATE_OPERATION_SECONDS="1") as server:
        with closing(sqlite3.connect(tmp_path / "hotelmate.sqlite3", isolation_level=None)) as elsewhere:
            elsewhere.executescript(
                "ALTER TABLE room_type RENAME TO fast;"
                f"CREATE VIEW room_type AS SELECT * FROM fast WHERE ({COUNT_FOR_HOURS}) > 0;"
                f"CREATE TRIGGER slow BEFORE INSERT ON shift BEGIN {COUNT_FOR_HOURS}; END;"
            )
            async with socket_to(server, "demo-anna") as socket:
                for _ in range(ROUNDS):
                    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
                        queried = tasks.create_task(over_http(server, PAGE))
                        changed = tasks.create_task(over_http(server, TOGGLE))
                        page = tasks.create_task(over_rest(server, "GET", "public/hotel/killarney/"))
                        beside = tasks.create_task(server.data(COLLEAGUES, token="demo-anna"))
                    assert beside.result()["staff"]["edges"]
                    assert_stopped(queried.result()[1])
                    assert_stopped(changed.result()[1])
                    assert page.result() == (503, "5", STOPPED)
                assert_stopped(await over_websocket(socket, PAGE))
                assert_stopped(await over_websocket(socket, TOGGLE))
                elsewhere.execute("BEGIN IMMEDIATE")
                error = await over_websocket(socket, TOGGLE)
                assert error["message"].endswith("Nothing was changed.")
                elsewhere.execute("ROLLBACK")
                elsewhere.executescript(
                    "DROP TRIGGER slow; DROP VIEW room_type; ALTER TABLE fast RENAME TO room_type"
                )
        assert (await server.data(PAGE))["hotel"]["roomTypes"]
        assert await log_in_slowly(server) == 200
        await clock_works(server)
