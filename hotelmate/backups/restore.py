"""Put a backup in the place of what a database holds, or adopt what another tool has restored.

Either begins a new history (`history`), and needs the database for itself, as a running server remembers the
old one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, text

from hotelmate import migrations
from hotelmate.backups import history, rows, sqlite_files
from hotelmate.backups.errors import FAILURES, BackupError, Progress, reason_of
from hotelmate.database import Database

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
)


def restore(database: Database, file: Path, *, progress: Progress) -> None:
    """Replace all that the database holds by a backup, wholly or not at all, and begin a new history.

    A backup of an earlier version is upgraded on the way.

    Raises:
        BackupError: the file is no backup, somebody uses the database, or there is no room. Nothing changed.
        DatabaseUnavailable: the backup, or the database, is of a newer version.
    """
    if not file.is_file():
        raise BackupError(f"there is no file {file}")
    try:
        with _working_copy(database, file) as copy:
            if database.is_sqlite:
                _replace_file(database, copy, progress)
            else:
                _replace_rows(database, copy, progress)
    except FAILURES as error:
        raise BackupError(f"{file} cannot be restored ({reason_of(error)})") from error


def adopt(database: Database) -> None:
    """Begin a new history in a database that was restored by other means.

    Raises:
        BackupError: somebody uses it. Nothing changed.
    """
    require_unused(database)
    with database.transaction() as transaction:
        history.begin(transaction, at=datetime.now(UTC))


def require_unused(database: Database) -> None:
    """Make sure that no server has the database open.

    Raises:
        BackupError: one has, or a SQLite file is damaged.
    """
    if not database.is_sqlite:
        with database.reading() as reading:
            _require_alone(reading.connection())
    elif _path(database).exists():
        database.close_connections()
        with sqlite_files.alone_with(_path(database)):
            pass


@contextmanager
def _working_copy(database: Database, file: Path) -> Iterator[Database]:
    """Give a copy of the backup that can be changed, as this version needs it."""
    # Beside a SQLite database there is room for another; elsewhere the system knows.
    beside = _path(database).parent if database.is_sqlite else None
    with TemporaryDirectory(prefix=".restoring-", dir=beside) as folder:
        path = Path(folder) / "copy.sqlite3"
        sqlite_files.copy(file, path, is_in_use=False, progress=lambda _done, _total: None)
        copy = Database(f"sqlite:///{path}")
        try:
            if migrations.current(copy) is None:
                raise BackupError(f"{file} is no backup of HotelMate's")
            migrations.upgrade(copy)
            yield copy
        finally:
            copy.close()


def _replace_file(database: Database, copy: Database, progress: Progress) -> None:
    with copy.transaction() as transaction:
        history.begin(transaction, at=datetime.now(UTC), highest_event_id=_highest_event_id(database))
    copy.close_connections()
    database.close_connections()
    sqlite_files.replace(_path(database), _path(copy), progress=progress)


def _highest_event_id(database: Database) -> int:
    if migrations.current(database) is None:
        return 0
    with database.reading() as reading:
        return rows.highest_id(reading.connection(), "event")


def _replace_rows(database: Database, copy: Database, progress: Progress) -> None:
    migrations.upgrade(database)
    with database.transaction() as transaction, copy.reading() as reading:
        connection = transaction.connection()
        _require_alone(connection)
        names = ", ".join(table.name for table in rows.tables_of(connection))
        # A server that starts now waits for this, and then finds the new history.
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        _require_alone(connection)
        highest_event_id = rows.highest_id(connection, "event")
        connection.execute(text(f"TRUNCATE {names}"))
        rows.copy(reading.connection(), connection, progress=progress)
        history.begin(transaction, at=datetime.now(UTC), highest_event_id=highest_event_id)


def _require_alone(connection: Connection) -> None:
    others = connection.execute(_OTHERS).scalar_one()
    if others:
        raise BackupError(
            f"the database is in use ({others} connections of HotelMate's); stop every server first"
        )


def _path(database: Database) -> Path:
    return Path(database.url.database or "")
