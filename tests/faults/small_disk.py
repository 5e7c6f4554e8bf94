"""A disk of a few megabytes that can be filled: a file system of its own, in memory."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.left_out import leave_out


class SmallDisk:
    """A folder with so much room and no more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    @classmethod
    @contextmanager
    def mounted(cls, path: Path, *, megabytes: int) -> Iterator[Self]:
        """Have the disk there while the block runs."""
        path.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
            leave_out("a file system of its own, which takes the right to mount one")
        try:
            yield cls(path)
        finally:
            subprocess.run(["umount", "--lazy", str(path)], check=True)

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (65_536, 4096):
                try:
                    while True:
                        ballast.write(b"x" * size)
                except OSError:
                    continue

    def clear(self) -> None:
        """Make room again."""
        self._ballast.unlink()
