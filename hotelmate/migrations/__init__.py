"""The database's schema, step by step: `serve` applies it on SQLite, `hotelmate db upgrade` elsewhere.

Alembic does the steps (`steps`). It is imported when there is one to do: a server whose database is as it
should be starts without it. A revision's file is named by its id, and they follow each other in that order.
"""

from pathlib import Path

from sqlalchemy import inspect, text

from hotelmate.database import Database

HEAD = "head"


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Bring the database to a revision, in one transaction.

    Raises:
        DatabaseUnavailable: it is of a version that this one does not know, or somebody else has locked it.
    """
    if revision == HEAD and current(database) == newest():
        return
    from hotelmate.migrations import steps  # noqa: PLC0415 - a tenth of the time that a start takes

    steps.upgrade(database, revision)


def draft_revision(database: Database, message: str) -> None:
    """Write a new revision file from the difference between the models and the database."""
    from hotelmate.migrations import steps  # noqa: PLC0415 - as above

    steps.draft_revision(database, message)


def current(database: Database) -> str | None:
    """Return the revision that the database is at; None before the first."""
    with database.reading() as reading:
        connection = reading.connection()
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def newest() -> str:
    """Return the revision that this version of HotelMate needs."""
    return max(_revisions())


def is_known(revision: str) -> bool:
    """Whether a revision is one that this version of HotelMate has."""
    return revision in _revisions()


def _revisions() -> set[str]:
    return {path.stem.partition("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py")}
