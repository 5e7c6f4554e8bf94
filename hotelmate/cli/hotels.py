"""Commands that look after hotels."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.output import Json
from hotelmate.models import Hotel
from hotelmate.resolvers import administration

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Make and list hotels.")

_COLUMNS = ("id", "slug", "name", "timezone", "is_active", "seq")


@app.command()
def create(
    slug: Annotated[str, typer.Argument(help="In addresses and channel names: letters, digits, - and _.")],
    name: Annotated[str, typer.Argument(help="As guests read it.")],
    timezone: Annotated[str, typer.Option(help="Decides what day it is, such as Europe/Dublin.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Make a hotel with an empty public page."""
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        hotel = administration.create_hotel(
            transaction, slug=slug, name=name, timezone=timezone, at=datetime.now(UTC)
        )
        row = _row(hotel)
    output.show([row], columns=_COLUMNS, as_json=as_json)


@app.command("list")
def list_hotels(as_json: Json = False) -> None:
    """List all hotels, closed ones included."""
    with mistakes.in_one_line(), databases.opened() as database, database.reading() as reading:
        rows = [_row(hotel) for hotel in administration.hotels(reading)]
    output.show(rows, columns=_COLUMNS, as_json=as_json)


def _row(hotel: Hotel) -> dict[str, object]:
    return hotel.model_dump(include=set(_COLUMNS))
