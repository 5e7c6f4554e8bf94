"""SIGTERM: nobody new is accepted, what is under way is finished, and clients leave one after another."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
from websockets.asyncio.client import connect

from tests.processes.cluster import CLOCK, TOGGLE, socket_to
from tests.server import Server


@contextmanager
def writing(data_dir: Path) -> Iterator[None]:
    """Hold the database's one place for a writer, so that a mutation is under way for as long."""
    connection = sqlite3.connect(data_dir / "hotelmate.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


async def no_longer_accepts(server: Server) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(0.01)


async def test_mutations_that_are_under_way_are_finished_over_http_and_over_sockets(tmp_path: Path) -> None:
    async with Server.run(tmp_path) as server, socket_to(server, "demo-ben") as socket:
        with writing(tmp_path):
            by_http = asyncio.create_task(server.data(TOGGLE, token="demo-anna"))
            await socket.subscribe("1", TOGGLE)
            await asyncio.sleep(0.3)
            server.send(signal.SIGTERM)
            await no_longer_accepts(server)
            assert not by_http.done()
        assert await by_http == {"toggleClock": {"action": "CLOCK_IN"}}
        assert (await socket.hear())["payload"] == {"data": {"toggleClock": {"action": "CLOCK_IN"}}}
        assert (await socket.hear())["type"] == "complete"
        assert (await socket.hear_close())[0] == 1001


async def test_what_does_not_end_is_given_up_in_time(tmp_path: Path) -> None:
    async with (
        Server.run(tmp_path, HOTELMATE_SHUTDOWN_SECONDS="0.5") as server,
        socket_to(server, "demo-ben") as socket,
    ):
        with writing(tmp_path):
            await socket.subscribe("1", TOGGLE)
            by_http = asyncio.create_task(status(server, TOGGLE))
            await asyncio.sleep(0.3)
            server.send(signal.SIGTERM)
            assert (await socket.hear_close())[0] == 1001
            assert await by_http == 500


async def status(server: Server, query: str) -> int:
    headers = {"Authorization": "Token demo-anna"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/graphql", json={"query": query}, headers=headers) as response,
    ):
        return response.status


async def test_sockets_of_both_kinds_are_closed_one_after_another(tmp_path: Path) -> None:
    closed_at: list[float] = []

    async def wait_for_close(url: str, **options: object) -> None:
        async with connect(url, proxy=None, compression=None, **options) as websocket:  # type: ignore[arg-type]
            await websocket.send('{"type": "connection_init", "event": "pusher:ping"}')
            await websocket.recv()
            opened.release()
            async for _ in websocket:
                pass
            assert websocket.close_code == 1001
            closed_at.append(time.monotonic())

    opened = asyncio.Semaphore(0)
    async with (
        Server.run(tmp_path, HOTELMATE_SHUTDOWN_SPREAD_SECONDS="1") as server,
        asyncio.TaskGroup() as tasks,
    ):
        graphql = f"ws://127.0.0.1:{server.port}/graphql"
        channels = f"ws://127.0.0.1:{server.port}/app/hotelmate-key?protocol=7"
        for _ in range(60):
            tasks.create_task(wait_for_close(graphql, subprotocols=["graphql-transport-ws"]))
            tasks.create_task(wait_for_close(channels))
        for _ in range(120):
            await opened.acquire()
        server.send(signal.SIGTERM)
    closed_at.sort()
    # Spread over a second: in no tenth of it more than a third of them.
    assert len(closed_at) == 120
    for first, last in zip(closed_at, closed_at[40:], strict=False):
        assert last - first > 0.1


async def test_a_single_client_is_not_kept_waiting(tmp_path: Path) -> None:
    async with Server.run(tmp_path) as server, socket_to(server, "demo-ben") as socket:
        await socket.subscribe("1", CLOCK)
        await socket.hear_all()
        server.send(signal.SIGTERM)
        started = time.monotonic()
        assert (await socket.hear_close())[0] == 1001
        assert time.monotonic() - started < 2
