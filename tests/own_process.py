"""Stand-ins for services, each in a process of its own, so that a test's own work does not hold them up."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def running(module: str) -> Iterator[str]:
    """Run a module until the block ends; yields the line that it prints once it serves."""
    process = subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
