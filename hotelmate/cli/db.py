"""Commands that look after the database."""

from typing import Annotated

import typer

from hotelmate import migrations
from hotelmate.cli import mistakes
from hotelmate.database import Database
from hotelmate.settings import load

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Look after the database.")


@app.command()
def revision(message: Annotated[str, typer.Argument(help="What it changes.")]) -> None:
    """Draft a migration from what the models have and the database has not (for developers)."""
    with mistakes.in_one_line():
        database = Database(load().database)
        database.check()
        migrations.draft_revision(database, message)
        database.close()


@app.command()
def upgrade(
    revision: Annotated[str, typer.Argument(help="How far; all the way when left out.")] = "head",
) -> None:
    """Bring the database's tables to what this version needs."""
    with mistakes.in_one_line():
        database = Database(load().database)
        database.check()
        migrations.upgrade(database, revision)
        typer.echo(f"The database is at revision {migrations.current(database)}.")
        database.close()
