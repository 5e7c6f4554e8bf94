"""Commands that look after what Pusher is sent: how far it has come, and what Pusher refused for good."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from hotelmate.bridge import backlog, letters
from hotelmate.bridge.backlog import HotelBacklog
from hotelmate.bridge.legacy import Legacy
from hotelmate.bridge.letters import Letter
from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.mistakes import Mistake
from hotelmate.cli.output import Json
from hotelmate.database import Database
from hotelmate.resolvers.administration.hotels import any_hotel
from hotelmate.settings import load

app: typer.Typer = typer.Typer(no_args_is_help=True, help="Look after what Pusher is sent.")

HotelSlug = Annotated[str | None, typer.Option("--hotel", metavar="SLUG", help="Those of one hotel.")]
All = Annotated[bool, typer.Option("--all", help="Every one there is.")]
Ids = Annotated[list[int] | None, typer.Argument(metavar="ID...", help="As `list` shows them.")]

_STATUS = (
    "hotel",
    "delivered",
    "latest",
    "pending",
    "oldest_pending_seconds",
    "failures",
    "next_try_at",
    "dead_letters",
    "last_error",
)
_LETTER = ("id", "hotel", "seq", "event_name", "channel", "failed_at", "is_queued", "error")


@app.command()
def status(as_json: Json = False) -> None:
    """Show how far each hotel's events are, and what keeps the rest."""
    with mistakes.in_one_line(), databases.opened() as database:
        at = datetime.now(UTC)
        with database.reading() as reading:
            rows = [_status(each, at) for each in backlog.of_all(reading)]
        output.show(rows, columns=_STATUS, as_json=as_json)


@app.command("list")
def list_letters(hotel: HotelSlug = None, as_json: Json = False) -> None:
    """List the dead letters: messages that Pusher refused for good."""
    with mistakes.in_one_line(), databases.opened() as database:
        rows = [_summary(letter) for letter in _read(database, _of_hotel(database, hotel))]
        output.show(rows, columns=_LETTER, as_json=as_json)


@app.command()
def show(ids: Annotated[list[int], typer.Argument(metavar="ID...")], as_json: Json = False) -> None:
    """Show dead letters in full, with what would be sent now."""
    with mistakes.in_one_line(), databases.opened() as database:
        legacy = Legacy.configured(load(), lambda *_: "(not shown)")
        for letter in _read(database, _chosen(database, ids, None, everything=False)):
            details = {**_summary(letter), **_message(letter, legacy)}
            if as_json:
                output.show_json(details)
            else:
                typer.echo("\n".join(f"{name}: {value}" for name, value in details.items()) + "\n")


@app.command()
def retry(ids: Ids = None, hotel: HotelSlug = None, everything: All = False, as_json: Json = False) -> None:
    """Have a running server send dead letters again.

    They are sent in the order of their events.
    """
    with mistakes.in_one_line(), databases.opened() as database:
        chosen = _chosen(database, ids, hotel, everything=everything)
        queued = 0
        for part in output.in_parts(chosen, "Queueing"):
            with database.transaction() as transaction:
                queued += letters.queue(transaction, letters.with_ids(part), at=datetime.now(UTC))
        _tell("queued", queued, "to be sent again by a running server", as_json=as_json)


@app.command()
def drop(
    ids: Ids = None,
    hotel: HotelSlug = None,
    everything: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Forget dead letters; nobody will be told of them any more."""
    with mistakes.in_one_line(), databases.opened() as database:
        chosen = _chosen(database, ids, hotel, everything=everything)
        if chosen and not yes:
            typer.confirm(f"Drop {_counted(len(chosen))} for good?", abort=True, err=True)
        dropped = 0
        for part in output.in_parts(chosen, "Dropping"):
            with database.transaction() as transaction:
                dropped += letters.drop(transaction, letters.with_ids(part))
        _tell("dropped", dropped, "for good", as_json=as_json)


def _status(stands: HotelBacklog, at: datetime) -> output.Row:
    return {
        "hotel": stands.hotel_slug,
        "delivered": stands.delivered_seq,
        "latest": stands.latest_seq,
        "pending": stands.pending,
        "oldest_pending_seconds": stands.oldest_pending_seconds(at),
        "failures": stands.attempts,
        "next_try_at": stands.next_try_at,
        "dead_letters": stands.dead_letters,
        "last_error": stands.last_error,
    }


def _summary(letter: Letter) -> output.Row:
    return {
        "id": letter.id,
        "hotel": letter.event.hotel_slug,
        "seq": letter.event.seq,
        "event_name": letter.event_name,
        "channel": letter.channel,
        "failed_at": letter.failed_at,
        "is_queued": letter.queued_at is not None,
        "error": letter.error,
    }


def _message(letter: Letter, legacy: Legacy) -> Mapping[str, object]:
    """What would be sent; nothing when the settings have closed the channel since."""
    data = [each.data for each in legacy.messages_of(letter.event) if each.channel == letter.channel]
    return {
        "event_id": letter.event.id,
        "occurred_at": letter.event.occurred_at,
        "bytes": len(data[0].encode()) if data else None,
        "data": data[0] if data else None,
    }


def _chosen(
    database: Database, ids: Sequence[int] | None, hotel: str | None, *, everything: bool
) -> Sequence[int]:
    """Return the ids of the dead letters that the caller means.

    Raises:
        Mistake: it is not clear which, or there is no such letter or hotel.
    """
    if [bool(ids), hotel is not None, everything].count(True) != 1:
        raise Mistake("say which: their ids, --hotel SLUG, or --all")
    if not ids:
        return _of_hotel(database, hotel)
    known = _of_hotel(database, None)
    unknown = sorted(set(ids) - set(known))
    if unknown:
        raise Mistake(f"there is no dead letter {unknown[0]}; `hotelmate deliveries list` shows them")
    return sorted(set(ids))


def _of_hotel(database: Database, slug: str | None) -> Sequence[int]:
    with database.reading() as reading:
        return letters.ids(reading, *([letters.of_hotel(any_hotel(reading, slug).id)] if slug else []))


def _read(database: Database, ids: Sequence[int]) -> list[Letter]:
    found: list[Letter] = []
    for part in output.in_parts(ids, "Reading"):
        with database.reading() as reading:
            found += letters.read(reading, letters.with_ids(part))
    return found


def _tell(done: str, count: int, what_for: str, *, as_json: bool) -> None:
    output.tell(f"{_counted(count)} {done} {what_for}.", {done: count}, as_json=as_json)


def _counted(count: int) -> str:
    return f"{count} dead letter{'' if count == 1 else 's'}"
