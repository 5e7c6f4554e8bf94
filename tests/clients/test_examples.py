"""The example clients go on where they stood when the server comes back: nothing is lost or told twice."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Self

import pytest
from aiohttp import web

from tests.clients.install import EXAMPLES
from tests.clients.node import node_executable, require_node
from tests.left_out import leave_out
from tests.server import Server

TOGGLE = "mutation { toggleClock { action } }"


class Example:
    """One example as a reader starts it, and the lines that it has printed."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.lines: list[str] = []
        self._process = process
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @asynccontextmanager
    async def run(cls, url: str, *command: str) -> AsyncIterator[Self]:
        """Start it, return once it follows, and end it with the block."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=EXAMPLES,
            env=os.environ | {"HOTELMATE_URL": url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        example = cls(command[-1], process)
        try:
            assert process.stderr is not None
            async with asyncio.timeout(40):
                said = await process.stderr.readline()
            assert said == b"following\n", said + await process.stderr.read()
            yield example
        finally:
            # One that has failed has ended by itself.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
            await example._reading

    async def prints(self, count: int) -> list[str]:
        """Return what it has printed, once there are so many lines."""
        try:
            async with asyncio.timeout(60):
                while len(self.lines) < count:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{self.name} has printed {self.lines}") from None
        return self.lines

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode().strip())


def as_a_sentence(line: str) -> str:
    """Say what curl printed as the other examples say it."""
    event = json.loads(line)["data"]["clockStatus"]
    return f"{event['seq']} {event['firstName']} is {'on' if event['isOnDuty'] else 'off'} duty"


@pytest.mark.timeout(180)
async def test_every_example_goes_on_where_it_stood_when_the_server_comes_back(server: Server) -> None:
    require_node()
    if shutil.which("curl") is None:
        leave_out("curl, which one of the examples uses")
    node = str(node_executable())
    async with AsyncExitStack() as running:

        async def start(*command: str) -> Example:
            return await running.enter_async_context(Example.run(server.url, *command))

        graphql_ws, apollo, urql, pusher_js, python, curl = await asyncio.gather(
            start(node, "graphql-ws.mjs"),
            start(node, "apollo-client.mjs"),
            start(node, "urql.mjs"),
            start(node, "pusher-js.mjs"),
            start(sys.executable, "follow.py"),
            start("sh", "follow.sh"),
        )
        await server.data(TOGGLE, token="demo-anna")
        for example in (graphql_ws, apollo, urql, pusher_js, python, curl):
            await example.prints(1)
        await server.stop()
        await server.start()
        for token in ("demo-anna", "demo-ben", "demo-anna"):
            await server.data(TOGGLE, token=token)
        expected = ["1 Anna is on duty", "2 Anna is off duty", "3 Ben is on duty", "4 Anna is on duty"]
        shown: dict[str, tuple[Example, Callable[[str], str]]] = {
            "graphql-ws": (graphql_ws, str),
            "Apollo Client": (apollo, str),
            "urql": (urql, str),
            "pusher-js": (pusher_js, str),
            "Python": (python, str),
            "curl": (curl, as_a_sentence),
        }
        for name, (example, read) in shown.items():
            assert [read(line) for line in await example.prints(4)] == expected, name


async def test_a_connection_that_died_without_a_word_is_given_up_for_a_new_one() -> None:
    """By the socket that three of the examples share. The first connection falls silent once it follows."""
    require_node()
    introduced: list[web.WebSocketResponse] = []
    is_back = asyncio.Event()

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["graphql-transport-ws"])
        await socket.prepare(request)
        async for message in socket:
            said = message.json()
            if said["type"] == "connection_init":
                introduced.append(socket)
                await socket.send_json({"type": "connection_ack"})
            elif said["type"] == "subscribe" and "viewer" in said["payload"]["query"]:
                payload = {"data": {"viewer": {"hotel": {"cursor": "here"}}}}
                await socket.send_json({"type": "next", "id": said["id"], "payload": payload})
            elif said["type"] == "subscribe" and len(introduced) > 1:
                assert said["payload"]["variables"] == {"after": "here"}
                is_back.set()
        return socket

    application = web.Application()
    application.router.add_get("/graphql", serve)
    async with running(application) as url, Example.run(url, str(node_executable()), "graphql-ws.mjs"):
        async with asyncio.timeout(40):
            await is_back.wait()
    assert len(introduced) == 2


@asynccontextmanager
async def running(application: web.Application) -> AsyncIterator[str]:
    """Serve on a free port of loopback; yields the address."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
