"""On what was measured: the machine, the versions and the commit."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.cores import LOAD, SERVER

_PACKAGES = (
    "strawberry-graphql",
    "graphql-core",
    "fastapi",
    "uvicorn",
    "uvloop",
    "websockets",
    "sqlmodel",
    "sqlalchemy",
    "psycopg",
    "orjson",
    "pusher",
)


def describe(*, load_average: float) -> list[str]:
    """Return what a reader has to know of the machine, a line each; the load average is of before the run."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}",
        f"server on core {SERVER}, load on core {LOAD}"
        + (" (the same: there is no other)" if SERVER == LOAD else "")
        + f"; load average {load_average:.1f} when the run began",
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    ]


def commit() -> str:
    """Return the commit that is checked out, marked when what is measured differs from it."""
    changed = _git("status", "--porcelain", "--", "hotelmate", "requirements")
    return _git("rev-parse", "--short=10", "HEAD") + ("-dirty" if changed else "")


def _git(*arguments: str) -> str:
    """Return what git answers; nothing outside a checkout."""
    try:
        return subprocess.run(
            ["git", *arguments],  # noqa: S607 - whichever is there
            cwd=Path(__file__).parents[1],
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
