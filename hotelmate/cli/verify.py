"""The command that proves that nothing was lost, or names what was."""

import sys
from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated

import typer

from hotelmate.bridge.legacy import Legacy
from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.output import Json
from hotelmate.settings import load
from hotelmate.verification.findings import Hole, HotelFindings
from hotelmate.verification.verify import verify as findings_of

_COLUMNS = ("hotel", "first_seq", "last_seq", "events", "delivered", "pending", "dead_letters", "holes")

LedgerFile = Annotated[
    typer.FileBinaryRead | None,
    typer.Option(help="JSON lines that receivers wrote down of what came to them."),
]


def verify(ledger: LedgerFile = None, as_json: Json = False) -> None:
    """Prove that nothing was lost, or name what was.

    Every change must have its event, and every event must have gone where it belongs.
    """
    hotels: list[HotelFindings] = []
    holes = 0
    with ExitStack() as stack:
        stack.enter_context(mistakes.in_one_line())
        database = stack.enter_context(databases.opened())
        reading = stack.enter_context(database.reading())
        progress = stack.enter_context(output.progress("Verifying"))
        legacy = Legacy.configured(load(), lambda *_: None)
        for finding in findings_of(reading, legacy, ledger_lines=ledger or (), progress=progress):
            match finding:
                case Hole():
                    holes += 1
                    _show(finding, as_json=as_json)
                case HotelFindings():
                    hotels.append(finding)
    output.show([asdict(hotel) for hotel in hotels], columns=_COLUMNS, as_json=as_json)
    if holes:
        typer.echo(f"hotelmate: verification found {holes} hole{'' if holes == 1 else 's'}", err=True)
        sys.exit(1)


def _show(hole: Hole, *, as_json: bool) -> None:
    if as_json:
        output.show_json({"hole": hole.kind, "hotel": hole.hotel, "says": hole.says})
    else:
        typer.echo(f"{hole.hotel or '-'}\t{hole.kind}\t{hole.says}")
