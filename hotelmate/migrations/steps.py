"""What Alembic does: the steps between revisions."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from hotelmate.database import Database, DatabaseUnavailable


def upgrade(database: Database, revision: str) -> None:
    """Bring the database to a revision, in one transaction.

    Raises:
        DatabaseUnavailable: it is of a version that this one does not know, or somebody else has locked it.
    """
    try:
        with database.engine.begin() as connection:
            command.upgrade(config(connection), revision)
    except CommandError as error:
        raise DatabaseUnavailable(
            f"the database cannot be upgraded ({error}); use a newer HotelMate"
        ) from error
    except OperationalError as error:
        raise DatabaseUnavailable(
            f"the database cannot be upgraded ({error.orig}); try again when nobody else uses it"
        ) from error


def draft_revision(database: Database, message: str) -> None:
    """Write a new revision file from the difference between the models and the database."""
    with database.engine.begin() as connection:
        command.revision(config(connection), message=message, autogenerate=True)


def config(connection: Connection | None = None) -> Config:
    """Return what Alembic needs to know; a connection, to work on a database."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
