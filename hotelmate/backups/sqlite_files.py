"""Whole SQLite databases: a copy of one that is in use, and the replacement of one that is not."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hotelmate.backups.errors import BackupError, Progress

_PAGES_AT_ONCE = 2000
_BUSY_SECONDS = 10


def copy(source: Path, target: Path, *, is_in_use: bool, progress: Progress) -> None:
    """Copy a database, as it is at one moment, into a file that is not there yet.

    One that nobody uses may be where nothing can be written.

    Raises:
        BackupError: the source is damaged.
        sqlite3.Error: likewise, or the disk is full.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    # What a server left behind unfinished is beside its file, and belongs to it.
    is_alone = not is_in_use and not source.with_name(f"{source.name}-wal").exists()
    with _opened(source, is_immutable=is_alone) as reading, _opened(target) as writing:
        # Held throughout, so that what is written meanwhile does not make it begin anew.
        reading.execute("BEGIN")
        _require_sound(reading, source)
        reading.backup(writing, pages=_PAGES_AT_ONCE, progress=_counting(progress))
        # As a server wants it, so that whatever looks at the copy leaves it as it is.
        writing.execute("PRAGMA journal_mode = WAL")


def replace(target: Path, source: Path, *, progress: Progress) -> None:
    """Put the contents of a database in the place of another's, wholly or not at all.

    Raises:
        BackupError: as `alone_with`.
        sqlite3.Error: the disk is full.
    """
    with alone_with(target) as writing, _opened(source) as reading:
        reading.backup(writing, pages=_PAGES_AT_ONCE, progress=_counting(progress))


@contextmanager
def alone_with(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that nobody else has open, or can open before the block ends.

    Raises:
        BackupError: somebody has, or it cannot be used, or it is no database any more.
    """
    with _opened(path, busy_seconds=0) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            # Whoever has it open, at work or not, is in the way of this.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            is_in_use = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
            why = "is in use; stop every server first" if is_in_use else f"cannot be used ({error})"
            raise BackupError(f"{path} {why}") from error
        except sqlite3.DatabaseError as error:
            raise BackupError(
                f"{path} is damaged ({error}); move it out of the way, with the -wal and -shm beside it"
            ) from error
        yield connection


def _require_sound(connection: sqlite3.Connection, path: Path) -> None:
    try:
        [finding] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is no sound database ({error})") from error
    if finding != "ok":
        raise BackupError(f"{path} is no sound database ({finding})")


@contextmanager
def _opened(
    path: Path, *, busy_seconds: float = _BUSY_SECONDS, is_immutable: bool = False
) -> Iterator[sqlite3.Connection]:
    address = f"{path.absolute().as_uri()}{'?immutable=1' if is_immutable else ''}"
    with closing(
        sqlite3.connect(address, uri=True, timeout=busy_seconds, isolation_level=None)
    ) as connection:
        yield connection


def _counting(progress: Progress) -> Callable[[int, int, int], None]:
    return lambda _status, remaining, total: progress(total - remaining, total)
