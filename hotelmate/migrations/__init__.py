"""The database's schema, step by step: `serve` applies it on SQLite, `hotelmate db upgrade` elsewhere."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from hotelmate.database import Database, DatabaseUnavailable


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision, in one transaction.

    Raises:
        DatabaseUnavailable: it is of a version that this one does not know, or somebody else has locked it.
    """
    try:
        with database.engine.begin() as connection:
            command.upgrade(_config(connection), revision)
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
        command.revision(_config(connection), message=message, autogenerate=True)


def current(database: Database) -> str | None:
    """Return the revision that the database is at; None before the first."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision that this version of HotelMate needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether a revision is one that this version of HotelMate has."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
