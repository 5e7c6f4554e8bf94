"""The machine's Redis for what only talks through it, and one of a test's own for what kills it."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from hotelmate.processes.redis import AWAY, connect
from tests.left_out import leave_out

REDIS = os.environ.get("HOTELMATE_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")

_START_SECONDS = 10


class RedisServer:
    """A Redis that keeps nothing on disk."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"redis://127.0.0.1:{port}/0"
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def run(cls) -> AsyncIterator[Self]:
        """Start a Redis on a free port and stop it with the block."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            server = cls(probe.getsockname()[1])
        await server.start()
        try:
            yield server
        finally:
            await server.kill()

    async def start(self) -> None:
        """Start it, and return once it answers."""
        program = shutil.which("redis-server")
        if program is None:
            leave_out("redis-server, which tests start and kill")
        self._process = await asyncio.create_subprocess_exec(
            program,
            *("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(_START_SECONDS):
            while not await self._answers():
                assert self._process.returncode is None, "redis-server did not start"
                await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """Have it gone at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def freeze(self) -> None:
        """Have it neither answer nor refuse."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.write(b"PING\r\n")
        answer = await reader.readline()
        writer.close()
        return answer == b"+PONG\r\n"


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    """The machine's Redis."""
    client = connect(REDIS)
    try:
        await client.ping()
    except AWAY as error:
        leave_out(f"Redis at {REDIS} ({error})")
    yield client
    await client.aclose()


@pytest.fixture
async def redis_server() -> AsyncIterator[RedisServer]:
    """A Redis that the test may kill."""
    async with RedisServer.run() as server:
        yield server


@pytest.fixture
def namespace() -> str:
    """A name that no other test has."""
    return f"hotelmate-test:{uuid4().hex[:8]}"
