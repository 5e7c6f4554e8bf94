"""Commands that look after hotels."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.output import Json
from hotelmate.models import Hotel
from hotelmate.resolvers.administration import hotels as operations

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Make, list and change hotels.")

_TIMEZONE = "Decides what day it is, such as Europe/Dublin."

_COLUMNS = ("id", "slug", "name", "timezone", "is_active", "seq")


@app.command()
def create(
    slug: Annotated[str, typer.Argument(help="In addresses and channel names: letters, digits, - and _.")],
    name: Annotated[str, typer.Argument(help="As guests read it.")],
    timezone: Annotated[str, typer.Option(help=_TIMEZONE)] = "UTC",
    as_json: Json = False,
) -> None:
    """Make a hotel with an empty public page."""
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        hotel = operations.create_hotel(
            transaction, slug=slug, name=name, timezone=timezone, at=datetime.now(UTC)
        )
        row = _row(hotel)
    output.show([row], columns=_COLUMNS, as_json=as_json)


@app.command("list")
def list_hotels(as_json: Json = False) -> None:
    """List all hotels, closed ones included."""
    with mistakes.in_one_line(), databases.opened() as database, database.reading() as reading:
        rows = [_row(hotel) for hotel in operations.hotels(reading)]
    output.show(rows, columns=_COLUMNS, as_json=as_json)


@app.command()
def change(
    slug: Annotated[str, typer.Argument(help="The hotel's slug, which stays.")],
    name: Annotated[str | None, typer.Option(help="As guests read it.")] = None,
    timezone: Annotated[str | None, typer.Option(help=_TIMEZONE)] = None,
    sort_order: Annotated[int | None, typer.Option(help="Lists show lower ones first.")] = None,
    as_json: Json = False,
) -> None:
    """Change what is given of a hotel."""
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        hotel = operations.change_hotel(
            transaction, slug, name=name, timezone=timezone, sort_order=sort_order
        )
        row = _row(hotel)
    output.show([row], columns=_COLUMNS, as_json=as_json)


def _row(hotel: Hotel) -> dict[str, object]:
    return hotel.model_dump(include=set(_COLUMNS))
