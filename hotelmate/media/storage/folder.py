"""Pictures in a folder, of this machine or shared by all that serve."""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from hotelmate.media import names
from hotelmate.media.storage.base import Location, failing_as_unavailable, name_below

_LOCK = ".lock"
_DRAFT = re.compile(r"\.draft-[0-9a-f]{16}")


class FolderStorage:
    """Stores files whole or not at all.

    Args:
        folder: where.
        public_url: with a slash, it comes before their names in urls.
        also_at: what else urls of them can begin with.
    """

    def __init__(self, folder: Path, *, public_url: str, also_at: Sequence[str] = ()) -> None:
        self._folder = folder
        self._public_url = public_url
        self._addresses = (public_url, *also_at)

    def put(self, name: str, content: bytes) -> Location:
        """See Storage."""
        path = self._path(name)
        with failing_as_unavailable(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self._renew(path):
                self._write(path, content)
            _sync(self._folder)
        return self._location(name)

    def renew(self, name: str) -> Location | None:
        """See Storage."""
        path = self._path(name)
        with failing_as_unavailable(OSError):
            return self._location(name) if self._folder.exists() and self._renew(path) else None

    def name_at(self, url: str) -> str | None:
        """See Storage."""
        return name_below(self._addresses, url)

    def names(self) -> list[str]:
        """See Storage."""
        with failing_as_unavailable(OSError):
            paths = self._folder.iterdir() if self._folder.exists() else ()
            return [path.name for path in paths if _is_ours(path.name)]

    def remove(self, candidates: Sequence[str], *, put_before: datetime) -> list[str]:
        """See Storage."""
        with failing_as_unavailable(OSError):
            return [name for name in candidates if self._remove_old(self._path(name), put_before)]

    def _location(self, name: str) -> Location:
        return Location(f"{self._public_url}/{name}", names.stem(name))

    def _path(self, name: str) -> Path:
        if not _is_ours(name):
            raise ValueError(f"not a name of a picture: {name!r}")
        return self._folder / name

    def _renew(self, path: Path) -> bool:
        with self._locked():
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
            return True

    def _write(self, path: Path, content: bytes) -> None:
        draft = self._folder / f".draft-{secrets.token_hex(8)}"
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _remove_old(self, path: Path, put_before: datetime) -> bool:
        with self._locked():
            try:
                if path.stat().st_mtime >= put_before.timestamp():
                    return False
                path.unlink()
            except FileNotFoundError:
                return False
            return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from removing a file between being found there and being renewed."""
        with (self._folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _is_ours(name: str) -> bool:
    return names.is_name(name) or _DRAFT.fullmatch(name) is not None


def _sync(folder: Path) -> None:
    """Make the folder's entries survive a power cut, as `fsync` does a file's content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
