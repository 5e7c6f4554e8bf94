"""The command line, a module for each group of commands.

A mistake in the settings or the surroundings ends in one line that says what to set.
"""

import sys

import typer

from hotelmate.cli import (
    audit,
    bookings,
    check,
    db,
    deliveries,
    events,
    hotels,
    media,
    room_types,
    rooms,
    schema,
    serve,
    staff,
    verify,
)

app: typer.Typer = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    # Boxes and colours are for people.
    rich_markup_mode="rich" if sys.stdout.isatty() and sys.stderr.isatty() else None,
)


@app.callback()
def hotelmate() -> None:
    """HotelMate: the API behind hotel frontends."""


app.command()(serve.serve)
app.command()(serve.demo)
app.command()(check.check)
app.add_typer(db.app, name="db")
app.add_typer(hotels.app, name="hotel")
app.add_typer(room_types.app, name="room-type")
app.add_typer(rooms.app, name="room")
app.add_typer(staff.app, name="staff")
app.add_typer(bookings.app, name="booking")
app.add_typer(events.app, name="events")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(media.app, name="media")
app.command()(audit.audit)
app.command()(verify.verify)
app.command()(schema.schema)
