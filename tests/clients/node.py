"""Run a Node script and talk to it by JSON lines: commands go in, reports come out.

    async with NodeClient.run("pusher_client.mjs") as client:
        await client.command("connect", key="…", options={…})
        await client.wait_for("state", current="connected")

Promises that the process has ended when the block is left, and that nothing waits without a limit. The
commands and reports of a script stand at its head.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self

from tests.clients.client import Client
from tests.clients.install import EXAMPLES, HERE
from tests.left_out import leave_out
from tools.node import NEEDED_NODE, find_node, packages_are_installed

EXIT_SECONDS = 20.0
LONGEST_LINE = 16 * 1024 * 1024


class NodeClient(Client):
    """One running script."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__()
        self._process = process
        self._errors = b""
        self._readers = asyncio.gather(self._read_reports(), self._read_errors())

    @classmethod
    @asynccontextmanager
    async def run(cls, script: str) -> AsyncIterator[Self]:
        """Start a script of this folder, wait until it is ready, and end it with the block."""
        process = await asyncio.create_subprocess_exec(
            node_executable(),
            script,
            cwd=HERE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        client = cls(process)
        try:
            await client.wait_for("ready", within=15)
            yield client
        finally:
            await client._end()

    async def command(self, name: str, **options: Any) -> None:
        """Send a command; what comes of it is a report to wait for."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps({"command": name, **options}).encode() + b"\n")
        await stdin.drain()

    def has_ended(self) -> bool:
        return self._readers.done()

    def complaints(self) -> str:
        return self._errors.decode()

    async def _read_reports(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            async for line in stdout:
                self._keep(json.loads(line))
        finally:
            self._arrived.set()

    async def _read_errors(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        self._errors = await stderr.read()
        self._arrived.set()

    async def _end(self) -> None:
        """Let the script end by itself, which it does when stdin ends; kill it when it does not."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.close()
        try:
            async with asyncio.timeout(EXIT_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await self._readers
        await self._process.wait()


@cache
def node_executable() -> Path:
    node = find_node()
    assert node is not None, "call require_node() first"
    return node.executable


def node_available() -> bool:
    """Tell whether the scripts of this folder and the examples can run here."""
    return find_node() is not None and all(map(packages_are_installed, (HERE, EXAMPLES)))


def require_node() -> None:
    """Leave the calling test out where Node or its packages are missing; in CI, fail it."""
    if node_available():
        return
    leave_out(f"{NEEDED_NODE} and its packages (make test installs them)")
