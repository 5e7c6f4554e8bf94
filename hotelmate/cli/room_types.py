"""Commands that look after a hotel's room types."""

from typing import Annotated

import typer

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.arguments import Slug
from hotelmate.cli.output import Json
from hotelmate.models import RoomType
from hotelmate.resolvers.administration import rooms as operations

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Make, list and change the kinds of rooms.")

Code = Annotated[str, typer.Argument(help="Short, for staff and programs: letters, digits, - and _.")]

_GUESTS = "How many guests it is for at most."
_DESCRIPTION = "A sentence for the public page."
_SORT_ORDER = "The public page shows lower ones first."

_COLUMNS = ("id", "code", "name", "max_occupancy", "sort_order", "short_description")


@app.command()
def create(
    slug: Slug,
    code: Code,
    name: Annotated[str, typer.Argument(help="As guests read it.")],
    guests: Annotated[int, typer.Option(min=1, help=_GUESTS)] = 2,
    description: Annotated[str, typer.Option(help=_DESCRIPTION)] = "",
    sort_order: Annotated[int, typer.Option(help=_SORT_ORDER)] = 0,
    as_json: Json = False,
) -> None:
    """Make a kind of room that guests can book."""
    values = {
        "code": code,
        "name": name,
        "max_occupancy": guests,
        "short_description": description,
        "sort_order": sort_order,
    }
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        row = _row(operations.create_room_type(transaction, slug, values))
    output.show([row], columns=_COLUMNS, as_json=as_json)


@app.command("list")
def list_room_types(slug: Slug, as_json: Json = False) -> None:
    """List a hotel's room types, in the order of its public page."""
    with mistakes.in_one_line(), databases.opened() as database, database.reading() as reading:
        rows = [_row(room_type) for room_type in operations.room_types(reading, slug)]
    output.show(rows, columns=_COLUMNS, as_json=as_json)


@app.command()
def change(
    slug: Slug,
    code: Code,
    new_code: Annotated[str | None, typer.Option("--code", help="Another code.")] = None,
    name: Annotated[str | None, typer.Option(help="As guests read it.")] = None,
    guests: Annotated[int | None, typer.Option(min=1, help=_GUESTS)] = None,
    description: Annotated[str | None, typer.Option(help=_DESCRIPTION)] = None,
    sort_order: Annotated[int | None, typer.Option(help=_SORT_ORDER)] = None,
    as_json: Json = False,
) -> None:
    """Change what is given of a room type.

    Bookings that were made stay as they are.
    """
    options = {
        "code": new_code,
        "name": name,
        "max_occupancy": guests,
        "short_description": description,
        "sort_order": sort_order,
    }
    values = {option: value for option, value in options.items() if value is not None}
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        row = _row(operations.change_room_type(transaction, slug, code, values))
    output.show([row], columns=_COLUMNS, as_json=as_json)


def _row(room_type: RoomType) -> dict[str, object]:
    return room_type.model_dump(include=set(_COLUMNS))
