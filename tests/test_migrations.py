"""The migrations make exactly the tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from hotelmate import migrations
from hotelmate.database import Database


def test_a_migrated_database_has_the_tables_of_the_models(database: Database) -> None:
    assert migrations.current(database) == migrations.newest()
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_upgrading_a_second_time_changes_nothing(database: Database) -> None:
    migrations.upgrade(database)
    assert migrations.current(database) == migrations.newest()
