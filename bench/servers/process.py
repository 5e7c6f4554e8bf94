"""A measured server as the load sees it: a process on its own core, which it tells what to do."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Self

from bench.cores import SERVER, on_core

_CPUCLOCK_SCHED = 2
_PAGE = os.sysconf("SC_PAGE_SIZE")
_STOP_SECONDS = 10
_LONGEST_NOTE = 2_000


class CannotServe(Exception):
    """A server did not start; a note says what it said."""


class ServerProcess:
    """One of the modules of this package, running."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self._process = process
        self.port = port

    @classmethod
    @contextmanager
    def run(
        cls, module: str, *arguments: object, environment: Mapping[str, str] | None = None
    ) -> Iterator[Self]:
        """Start a module on the servers' core, with no other settings than these, and end it with the block.

        Raises:
            CannotServe: it ended before it served.
        """
        with TemporaryFile() as said:
            with on_core(SERVER):
                process = subprocess.Popen(
                    [sys.executable, "-m", f"bench.servers.{module}", *map(str, arguments)],
                    env=clean_environment() | dict(environment or {}),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=said,
                )
            try:
                yield cls(process, _port(process))
            except Exception as error:
                add_what_was_said(error, said, module)
                raise
            finally:
                process.kill()
                process.communicate(timeout=_STOP_SECONDS)

    def publish(self, count: int) -> None:
        """Have so many events happen."""
        self._tell(str(count))

    def rehearse(self, count: int) -> None:
        """Have so many events happen while some may not be subscribed yet."""
        self._tell(f"rehearse {count}")

    @property
    def cpu_seconds(self) -> float:
        """How long it has been computing."""
        return cpu_seconds(self._process.pid)

    @property
    def resident_bytes(self) -> int:
        """How much memory it has in use."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * _PAGE

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()


def cpu_seconds(pid: int) -> float:
    """How long a process has been computing, all its threads together."""
    # Linux's clock of another process; the C library makes its number so (clock_getcpuclockid).
    return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)


def add_what_was_said(error: Exception, said: IO[bytes], who: str) -> None:
    """Have an error tell what a process wrote last."""
    said.seek(0)
    error.add_note(f"{who} said: {said.read().decode(errors='replace')[-_LONGEST_NOTE:]}")


def clean_environment() -> dict[str, str]:
    """The environment without any setting of HotelMate's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HOTELMATE_", "PUSHER_", "CLOUDINARY_"))
    }


def _port(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise CannotServe
    return int(line)
