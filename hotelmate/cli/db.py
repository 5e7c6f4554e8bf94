"""Commands that look after the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import text

from hotelmate import migrations
from hotelmate.backups import restore as restoring
from hotelmate.backups.backup import back_up
from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.mistakes import Mistake
from hotelmate.cli.output import Json
from hotelmate.database import Database
from hotelmate.errors import Unavailable
from hotelmate.settings import load

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Look after the database.")


@app.command()
def revision(message: Annotated[str, typer.Argument(help="What it changes.")]) -> None:
    """Draft a migration, for developers.

    It makes what the models have and the database has not.
    """
    with mistakes.in_one_line():
        database = Database(load().database)
        database.check()
        migrations.draft_revision(database, message)
        database.close()


@app.command()
def upgrade(
    revision: Annotated[str, typer.Argument(help="How far; all the way when left out.")] = "head",
    as_json: Json = False,
) -> None:
    """Bring the database's tables to what this version needs."""
    with mistakes.in_one_line():
        database = Database(load().database)
        database.check()
        migrations.upgrade(database, revision)
        reached = migrations.current(database)
        database.close()
    output.tell(f"The database is at revision {reached}.", {"revision": reached}, as_json=as_json)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file.", dir_okay=False)], as_json: Json = False
) -> None:
    """Write all that the database holds into a file.

    Servers may use it meanwhile.
    """
    with mistakes.in_one_line(), _whatever_its_revision() as database:
        database.check()
        with output.progress("Backing up") as progress:
            back_up(database, file, progress=progress)
    output.tell(
        f"The database is backed up in {file}. Keep the pictures and the secret key as well.",
        {"file": str(file), "bytes": file.stat().st_size},
        as_json=as_json,
    )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `db backup` has written.", dir_okay=False, exists=True)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Replace all that the database holds by a backup.

    No server may be running.
    """
    with mistakes.in_one_line(), _whatever_its_revision() as database:
        restoring.require_unused(database)
        database.check()
        hotels = _hotels_in(database)
        if hotels and not yes:
            typer.confirm(f"Replace all {hotels} hotels in {database.address}?", abort=True, err=True)
        with output.progress("Restoring") as progress:
            restoring.restore(database, file, progress=progress)
        restored_hotels = _hotels_in(database)
    output.tell(
        f"{restored_hotels} hotels are restored. Clients are told to read the state anew.",
        {"hotels": restored_hotels},
        as_json=as_json,
    )


@app.command()
def restored() -> None:
    """Say that the database was restored by other means.

    No server may be running. Needed after any restore but `db restore`: from a snapshot, by pg_restore, to a
    point in time. Without it clients take the restored log for the one that they knew.
    """
    with mistakes.in_one_line(), databases.opened() as database:
        restoring.adopt(database)
        typer.echo("Clients are told to read the state anew.")


@contextmanager
def _whatever_its_revision() -> Iterator[Database]:
    database = Database(load().database)
    try:
        yield database
    except Unavailable as unavailable:
        raise Mistake(unavailable.message) from unavailable
    finally:
        database.close()


def _hotels_in(database: Database) -> int:
    if migrations.current(database) is None:
        return 0
    with database.reading() as reading:
        return int(reading.execute(text("SELECT count(*) FROM hotel")).scalar_one())
