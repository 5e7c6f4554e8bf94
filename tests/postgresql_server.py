"""A PostgreSQL of a test's own that may be killed; its settings are as they come: a commit is on disk."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.left_out import leave_out

_INSTALLED = "/usr/lib/postgresql"
_USER = "postgres"
_START_SECONDS = 30
_RETRY_SECONDS = 0.2


class PostgresqlServer:
    """A PostgreSQL server with a data directory of its own, on a free port of 127.0.0.1."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"postgresql://{_USER}@127.0.0.1:{port}/postgres"
        self.folder = folder
        self._data = folder / "data"
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def run(cls) -> AsyncIterator[Self]:
        """Make an empty server, start it, and remove it with the block."""
        folder = Path(tempfile.mkdtemp(prefix="hotelmate-postgresql-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            server = cls(folder, probe.getsockname()[1])
        try:
            server._initialise()
            await server.start()
            yield server
        finally:
            await server.kill()
            shutil.rmtree(folder)

    async def start(self) -> None:
        """Start it, and return once it answers: after a kill, when it has recovered."""
        async with asyncio.timeout(_START_SECONDS):
            while not await self._answers():
                # What a kill has left behind keeps a new one from starting until the last of it is gone.
                if self._process is None or self._process.returncode is not None:
                    await self._spawn()
                await asyncio.sleep(_RETRY_SECONDS)

    async def kill(self) -> None:
        """Have it gone at once, with nothing written that was not written before."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process = None

    def _initialise(self) -> None:
        account = _account()
        if account:
            os.chown(self.folder, pwd.getpwnam(_USER).pw_uid, pwd.getpwnam(_USER).pw_gid)
        subprocess.run(
            [_program("initdb"), "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-locale"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **account,
        )

    async def _spawn(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                _program("postgres"),
                *("-D", str(self._data), "-p", str(self._port), "-k", str(self.folder)),
                *("-c", "listen_addresses=127.0.0.1"),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **_account(),
            )

    async def _answers(self) -> bool:
        if self._process is None:
            return False
        try:
            async with await psycopg.AsyncConnection.connect(self.url, connect_timeout=2):
                return self._process.returncode is None
        except psycopg.OperationalError:
            return False


def _account() -> dict[str, Any]:
    """Whom to run as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    return {"user": _USER, "group": _USER, "extra_groups": []}


def _program(name: str) -> str:
    """Where a program of the newest PostgreSQL is; its packages put them outside the path."""
    versions = sorted(Path(_INSTALLED).glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    program = str(versions[-1]) if versions else shutil.which(name)
    if program is None:
        leave_out(f"PostgreSQL's {name}, which tests start and kill")
    return program
