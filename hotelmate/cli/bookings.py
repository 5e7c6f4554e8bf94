"""Commands that look after bookings."""

from typing import Annotated

import typer

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.output import Json
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.resolvers.administration.bookings import any_booking
from hotelmate.settings import load

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Look after bookings.")


@app.callback()
def bookings() -> None:
    """Look after bookings."""


@app.command()
def token(
    reference: Annotated[str, typer.Argument(help="Such as BK-2026-0002.")], as_json: Json = False
) -> None:
    """Print the guest token that opens a booking at present."""
    with mistakes.in_one_line(), databases.opened() as database, database.reading() as reading:
        guest_tokens = GuestTokens(load().derived_key("guest-tokens"))
        found = any_booking(reading, reference)
        issued = guest_tokens.issue(found.reference, found.guest_token_nonce)
    output.tell(issued, {"booking": reference, "token": issued}, as_json=as_json)
