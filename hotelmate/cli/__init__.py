"""The command line, a module for each group of commands.

A mistake in the settings or the surroundings ends in one line that says what to set.
"""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from hotelmate.cli.later import Later

_COMMANDS = (
    ("serve", "serve", "Serve the API at HOTELMATE_HOST and HOTELMATE_PORT."),
    ("demo", "serve", "Serve the demo on loopback, as HOTELMATE_DEMO=1 does."),
    ("check", "check", "Try everything that the settings name."),
    ("audit", "audit", "Print who did what, from where and when, oldest first."),
    ("verify", "verify", "Prove that nothing was lost, or name what was."),
    ("schema", "schema", "Print the GraphQL schema in its own language."),
    ("db", "db", "Look after the database."),
    ("hotel", "hotels", "Make, list and change hotels."),
    ("room-type", "room_types", "Make, list and change the kinds of rooms."),
    ("room", "rooms", "Make, list and renumber rooms."),
    ("staff", "staff", "Make, list and remove staff; give them tokens and passwords."),
    ("booking", "bookings", "Look after bookings."),
    ("events", "events", "Read the event log."),
    ("deliveries", "deliveries", "Look after what Pusher is sent."),
    ("media", "media", "Look after uploaded pictures."),
)
"""The name of each, the module that it is in, and the beginning of what it says of itself."""

_OPTIONS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    # Boxes and colours are for people.
    "rich_markup_mode": "rich" if sys.stdout.isatty() and sys.stderr.isatty() else None,
}


class _Commands(TyperGroup):
    """All commands, none of which has been imported."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, module, summary in _COMMANDS:
            self.add_command(Later(name, f"{__name__}.{module}", summary, **_OPTIONS))


app: typer.Typer = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **_OPTIONS,
)


@app.callback()
def hotelmate() -> None:
    """HotelMate: the API behind hotel frontends."""
