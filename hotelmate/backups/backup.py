"""Back a database up into a file. Servers go on using it; what they write meanwhile is not in the backup."""

import os
from pathlib import Path

from hotelmate import migrations
from hotelmate.backups import rows, sqlite_files
from hotelmate.backups.errors import FAILURES, BackupError, Progress, reason_of
from hotelmate.database import Database


def back_up(database: Database, file: Path, *, progress: Progress) -> None:
    """Write all that the database holds at one moment into a new file, which only its owner may read.

    Any revision that this version knows will do: the time for a backup is before an upgrade.

    Raises:
        BackupError: there is such a file, nothing to put into it, or no room for it.
        DatabaseUnavailable: the database is of a newer version.
    """
    if file.exists():
        raise BackupError(f"{file} is there already; name another file, or move it away")
    if not file.parent.is_dir():
        raise BackupError(f"there is no folder {file.parent}")
    revision = migrations.current(database)
    if revision is None:
        raise BackupError("the database is empty; there is nothing to back up")
    # Nobody finds a backup under its name that is not whole.
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        if database.is_sqlite:
            path = Path(database.url.database or "")
            sqlite_files.copy(path, part, is_in_use=True, progress=progress)
        else:
            _copy_rows(database, part, revision, progress)
        _settle(part, file)
    except FAILURES as error:
        raise BackupError(f"{file} cannot be written ({reason_of(error)})") from error
    finally:
        part.unlink(missing_ok=True)


def _copy_rows(database: Database, part: Path, revision: str, progress: Progress) -> None:
    target = Database(f"sqlite:///{part}")
    try:
        target.check()
        migrations.upgrade(target, revision)
        with target.transaction() as writing, database.reading() as reading:
            rows.copy(reading.connection(), writing.connection(), progress=progress)
    finally:
        target.close()


def _settle(part: Path, file: Path) -> None:
    """Have the file on the disk before it has its name."""
    descriptor = os.open(part, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    part.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
