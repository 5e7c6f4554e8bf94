"""Commands that read the event log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.arguments import Slug
from hotelmate.cli.output import Json
from hotelmate.database import Database
from hotelmate.events import log
from hotelmate.events.catalogue import EventData
from hotelmate.events.log import Event
from hotelmate.models import Hotel
from hotelmate.resolvers.administration.hotels import any_hotel

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Read the event log.")

_CHUNK = 500
_POLL_SECONDS = 0.5


def _known(types: list[str] | None) -> list[str] | None:
    """Refuse a type that there is not: nothing would ever be printed, without a word of why."""
    known = [name for name, kind in EventData.kinds.items() if not kind.__subclasses__()]
    for name in types or []:
        if name not in known:
            raise typer.BadParameter(f"there is no type '{name}'; there are {', '.join(known)}")
    return types


Type = Annotated[
    list[str] | None,
    typer.Option("--type", callback=_known, help="Only this type, such as OfferCreated; may be repeated."),
]
After = Annotated[int, typer.Option(min=0, help="Begin after this number.")]


@app.command("list")
def list_events(
    slug: Slug,
    after: After = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    type_: Type = None,
    as_json: Json = False,
) -> None:
    """Print a hotel's events, oldest first."""
    with mistakes.in_one_line(), databases.opened() as database:
        printer = _printer(as_json=as_json)
        for shown, event in enumerate(_recorded(database, _hotel(database, slug).id, after, type_)):
            if shown == limit:
                break
            printer(event)


@app.command()
def tail(
    slug: Slug,
    last: Annotated[int, typer.Option("-n", min=0, help="Begin with so many recent ones.")] = 10,
    type_: Type = None,
    as_json: Json = False,
) -> None:
    """Print a hotel's newest events, and go on with new ones.

    Each is printed as it is recorded, until interrupted.
    """
    with mistakes.in_one_line(), databases.opened() as database, suppress(KeyboardInterrupt):
        hotel = _hotel(database, slug)
        position = max(0, hotel.seq - last)
        printer = _printer(as_json=as_json)
        while True:
            for event in _recorded(database, hotel.id, position, None):
                position = event.seq
                if _is_wanted(event, type_):
                    printer(event)
            time.sleep(_POLL_SECONDS)


@app.command()
def export(
    slug: Slug,
    after: After = 0,
    type_: Type = None,
    to: Annotated[
        typer.FileBinaryWrite | None, typer.Option(lazy=False, help="A file; else standard output.")
    ] = None,
) -> None:
    """Write all of a hotel's events as JSON lines."""
    target = to or sys.stdout.buffer
    with (
        mistakes.in_one_line(),
        databases.opened() as database,
        _progress(is_shown=to is not None) as progress,
    ):
        hotel = _hotel(database, slug)
        for event in _recorded(database, hotel.id, after, type_):
            target.write(orjson.dumps(_whole(event)) + b"\n")
            progress(event.seq, hotel.seq)


@contextmanager
def _progress(*, is_shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far the export is, unless the events themselves are shown."""
    if is_shown:
        with output.progress("Exporting") as progress:
            yield progress
    else:
        yield lambda _done, _total: None


def _recorded(database: Database, hotel_id: int, after: int, types: list[str] | None) -> Iterator[Event]:
    """Read what follows a number in chunks, so that neither memory nor a session grows with the log."""
    position = after
    while True:
        with database.reading() as reading:
            chunk = log.read(reading, hotel_id, after=position, limit=_CHUNK)
        yield from (event for event in chunk if _is_wanted(event, types))
        if len(chunk) < _CHUNK:
            return
        position = chunk[-1].seq


def _is_wanted(event: Event, types: list[str] | None) -> bool:
    return not types or event.type in types


def _printer(*, as_json: bool) -> Callable[[Event], None]:
    if as_json:
        return lambda event: output.show_json(_whole(event))
    if sys.stdout.isatty():
        return partial(_print_for_people, Console())
    return lambda event: typer.echo(
        f"{event.seq}\t{event.occurred_at.isoformat()}\t{event.type}\t{event.data.model_dump_json()}"
    )


def _print_for_people(console: Console, event: Event) -> None:
    """Print an event on its own line or lines, with what it is before what it says."""
    at = event.occurred_at.astimezone().strftime("%d %b %H:%M:%S")
    said = ", ".join(f"{name}: {value}" for name, value in event.data.model_dump(mode="json").items())
    console.print(
        Text.assemble((f"{event.seq:>5} ", "bold"), (f"{at} ", "dim"), (event.type, "cyan"), f" {said}"),
        soft_wrap=True,
    )


def _whole(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "hotel": event.hotel_slug,
        "seq": event.seq,
        "cursor": event.cursor,
        "occurred_at": event.occurred_at,
        "type": event.type,
        "data": event.data.model_dump(mode="json"),
    }


def _hotel(database: Database, slug: str) -> Hotel:
    """Return the hotel as it stands, `seq` being the log's newest number."""
    with database.reading() as reading:
        return any_hotel(reading, slug)
