"""The real server, as `make run` starts it: a process of its own with a data directory of its own."""

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.databases import seeded_sqlite

RATES = tuple(f"HOTELMATE_{action}_RATE" for action in ("LOG_IN", "BOOKING", "UPLOAD", "CHANGE"))

# Guest tokens by their form, and what the demo's hotels keep to themselves: tokens of staff, WiFi passwords.
SECRETS = re.compile(r"BK-\d{4}-\d{4,}\.[A-Za-z0-9_-]{43}|\bdemo-(?:ben|carla)\b|welcome-to-")
SECRET_SETTINGS = ("_SECRET", "_SECRET_KEY")

SOCKETS = ("HOTELMATE_SOCKETS_PER_ADDRESS", "HOTELMATE_SOCKETS_PER_ACTOR")

START_SECONDS = 60
STOP_SECONDS = 30


class NotStarted(AssertionError):
    """The server has ended instead of serving; the message is what it wrote."""


class Server:
    """A `hotelmate serve` that can be stopped, killed and started again on the same data."""

    def __init__(self, data_dir: Path, environment: dict[str, str], arguments: Sequence[str] = ()) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = data_dir / "server.log"
        self._arguments = arguments
        self._environment = clean_environment() | {
            "HOTELMATE_DEMO": "1",
            "HOTELMATE_PORT": str(self.port),
            "HOTELMATE_DATA_DIR": str(data_dir),
            # Nobody does in a minute what the tests do.
            **dict.fromkeys(RATES, "unlimited"),
            **dict.fromkeys(SOCKETS, "1000000"),
            **environment,
        }
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def run(
        cls, data_dir: Path, *, arguments: Sequence[str] = (), **environment: str
    ) -> AsyncIterator[Self]:
        """Start a server and stop it with the block.

        It has the demo's data in SQLite already, where the environment says nothing else: drawing the demo's
        pictures takes seconds.
        """
        server = cls(data_dir, environment, arguments)
        database = data_dir / "hotelmate.sqlite3"
        if not (database.exists() or environment.keys() & {"HOTELMATE_DEMO", "HOTELMATE_DATABASE_URL"}):
            shutil.copy(seeded_sqlite(), database)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()

    @property
    def is_running(self) -> bool:
        """Whether it has a process."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def resident_bytes(self) -> int:
        """How much memory its process has in use."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def send(self, how: signal.Signals) -> None:
        """Send its process a signal, whatever comes of it."""
        os.kill(self.pid, how)

    async def start(self) -> None:
        """Start it, and return once it is ready.

        Raises:
            NotStarted: it ended.
        """
        with self.output.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "hotelmate",
                "serve",
                *self._arguments,
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        async with asyncio.timeout(START_SECONDS):
            while not await self._is_ready():
                if self._process.returncode is not None:
                    raise NotStarted(self.output.read_text())
                await asyncio.sleep(0.02)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it, and return once it is gone; whatever it was made to do, no secret is in what it wrote."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(STOP_SECONDS):
            await self._process.wait()
        self._process = None
        self._has_kept_its_secrets()

    async def execute(
        self, query: str, *, token: str | None = None, idempotency_key: str | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Run a GraphQL operation and return its whole answer."""
        headers = {"Authorization": f"Token {token}"} if token else {}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.url}/graphql", json={"query": query, "variables": variables}, headers=headers
            ) as response,
        ):
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def data(
        self, query: str, *, token: str | None = None, idempotency_key: str | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Run a GraphQL operation that must succeed and return its data."""
        answer = await self.execute(query, token=token, idempotency_key=idempotency_key, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def _has_kept_its_secrets(self) -> None:
        written = self.output.read_text()
        assert not SECRETS.search(written), SECRETS.search(written)
        for name, value in self._environment.items():
            assert not (name.endswith(SECRET_SETTINGS) and value in written), name

    async def _is_ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as response:
                return response.status == 200
        except aiohttp.ClientConnectionError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment() -> dict[str, str]:
    """The environment without any setting of ours."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HOTELMATE_", "PUSHER_", "CLOUDINARY_"))
    }
