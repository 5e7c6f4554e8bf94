"""The database that the settings name, for commands that need it as this version does."""

from collections.abc import Iterator
from contextlib import contextmanager

from hotelmate import migrations
from hotelmate.cli.mistakes import Mistake
from hotelmate.database import Database
from hotelmate.errors import Refused
from hotelmate.settings import load


@contextmanager
def opened() -> Iterator[Database]:
    """Open the database for the block.

    Raises:
        SettingsError: the settings name none.
        DatabaseUnavailable: it cannot be used.
        Mistake: it has to be upgraded first, or an operation in the block was refused.
    """
    database = Database(load().database)
    try:
        database.check()
        require_newest(database)
        yield database
    except Refused as refusal:
        raise Mistake(refusal.message) from refusal
    finally:
        database.close()


def require_newest(database: Database) -> None:
    """Make sure that the database's tables are those of this version.

    Raises:
        Mistake: they are not.
    """
    current, needed = migrations.current(database), migrations.newest()
    if current is None:
        raise Mistake("the database has no tables yet; run `hotelmate db upgrade`")
    if not migrations.is_known(current):
        raise Mistake(
            f"the database is at revision {current}, which is newer than this version; upgrade HotelMate"
        )
    if current != needed:
        raise Mistake(
            f"the database is at revision {current}, this version needs {needed}; run `hotelmate db upgrade`"
        )
