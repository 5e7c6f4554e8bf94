"""The command that tells who did what."""

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.output import Json
from hotelmate.database import Database
from hotelmate.models import AuditEntry
from hotelmate.resolvers import audit as operations
from hotelmate.resolvers.administration.hotels import any_hotel
from hotelmate.resolvers.audit import Named

_COLUMNS = ("occurred_at", "hotel", "action", "actor", "staff", "subject", "address", "request_id")
_POLL_SECONDS = 0.5
_AT_ONCE = 500


def audit(
    hotel: Annotated[str | None, typer.Option(help="Only of the hotel with this slug.")] = None,
    last: Annotated[int, typer.Option("-n", min=0, help="So many of the newest.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Print each new one, until interrupted.")] = False,
    as_json: Json = False,
) -> None:
    """Print who did what, from where and when, oldest first."""
    with mistakes.in_one_line(), databases.opened() as database, suppress(KeyboardInterrupt):
        with database.reading() as reading:
            if hotel is not None:
                any_hotel(reading, hotel)
            entries = operations.newest(reading, hotel_slug=hotel, limit=last)
            # What came last, though nothing of it be shown.
            position = operations.latest_id(reading)
        _show(entries, as_json=as_json)
        while follow:
            position = _show_new(database, hotel, position, as_json=as_json)
            time.sleep(_POLL_SECONDS)


def _show_new(database: Database, hotel: str | None, position: int, *, as_json: bool) -> int:
    """Print what follows an id, and return the last id that was printed."""
    with database.reading() as reading:
        entries = operations.following(reading, hotel_slug=hotel, after=position, limit=_AT_ONCE)
    _show(entries, as_json=as_json)
    sys.stdout.flush()
    return entries[-1][0].id if entries else position


def _show(entries: Sequence[Named], *, as_json: bool) -> None:
    output.show([_row(*named) for named in entries], columns=_COLUMNS, as_json=as_json)


def _row(entry: AuditEntry, slug: str | None, username: str | None) -> output.Row:
    return {
        "occurred_at": entry.occurred_at,
        "hotel": slug,
        "action": entry.action.value,
        "actor": entry.actor.value,
        "staff": username,
        "subject": entry.subject,
        "address": entry.address,
        "request_id": entry.request_id,
    }
