"""Commands that look after a hotel's rooms."""

from typing import Annotated

import typer

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.arguments import Slug
from hotelmate.cli.output import Json
from hotelmate.models import Room
from hotelmate.resolvers.administration import rooms as operations

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Make, list and renumber rooms.")

_COLUMNS = ("id", "number", "room_type")


@app.command()
def create(
    slug: Slug,
    room_type: Annotated[str, typer.Argument(help="The code of their room type.")],
    numbers: Annotated[list[str], typer.Argument(help="The numbers on their doors.")],
    as_json: Json = False,
) -> None:
    """Make rooms of one type: all of them, or none."""
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        made = operations.create_rooms(transaction, slug, room_type, numbers)
        rows = [_row(room, room_type) for room in made]
    output.show(rows, columns=_COLUMNS, as_json=as_json)


@app.command("list")
def list_rooms(slug: Slug, as_json: Json = False) -> None:
    """List a hotel's rooms by number."""
    with mistakes.in_one_line(), databases.opened() as database, database.reading() as reading:
        rows = [_row(room, of.code) for room, of in operations.rooms(reading, slug)]
    output.show(rows, columns=_COLUMNS, as_json=as_json)


@app.command()
def renumber(
    slug: Slug,
    number: Annotated[str, typer.Argument(help="The number that it has.")],
    new_number: Annotated[str, typer.Argument(help="The number that it is to have.")],
    as_json: Json = False,
) -> None:
    """Give a room that no booking ever had another number."""
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        room = operations.renumber_room(transaction, slug, number, new_number)
        changed = {"id": room.id, "number": room.number}
    output.tell(f"Room {number} is {changed['number']} now.", changed, as_json=as_json)


def _row(room: Room, room_type: str) -> dict[str, object]:
    return {"id": room.id, "number": room.number, "room_type": room_type}
