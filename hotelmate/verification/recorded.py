"""Read a hotel's log as a stream: in its order, or grouped by what the events are about."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import JSON, ColumnElement, Executable, Select, cast, select, type_coerce
from sqlmodel import col

from hotelmate.database import Reading
from hotelmate.events.catalogue import EventData, parse
from hotelmate.models import EventRecord

_AT_ONCE = 2000

Row = TypeVar("Row")
Events = Iterator["Recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as its row has it; `data` is None when this version cannot read it."""

    id: int
    seq: int
    type: str
    data: EventData | None
    occurred_at: datetime


def stream(reading: Reading, statement: Executable) -> Iterator[Any]:
    """Yield the rows of a statement, of which only a few are in memory at a time."""
    return iter(reading.execute(statement, execution_options={"yield_per": _AT_ONCE}))


def events_of(reading: Reading, hotel_id: int) -> Events:
    """Yield all of a hotel's events, by their numbers."""
    in_order = _events(hotel_id).order_by(col(EventRecord.seq))
    return (_recorded(*row) for row in stream(reading, in_order))


def events_by_subject(
    reading: Reading,
    hotel_id: int,
    kinds: Collection[type[EventData]],
    subject: ColumnElement[int | None],
    *,
    leaving_out: Collection[int],
) -> Iterator[tuple[int, Recorded]]:
    """Yield a hotel's events of some kinds with the id of what each is about, by that and then by number.

    Events about nothing come first, with 0. `leaving_out` are the ids of events that cannot be read.
    """
    of_kinds = col(EventRecord.type).in_([kind.__name__ for kind in kinds])
    readable = col(EventRecord.id).not_in(leaving_out)
    about = subject.label("subject")
    statement = _events(hotel_id).where(of_kinds, readable).add_columns(about)
    in_order = statement.order_by(about.asc().nulls_first(), col(EventRecord.seq))
    return ((row[-1] or 0, _recorded(*row[:-1])) for row in stream(reading, in_order))


def data_field(reading: Reading, *names: str) -> ColumnElement[Any]:
    """Return a field of the events' JSON data, or a field of an object in it, for use in a statement."""
    if reading.get_bind().dialect.name == "sqlite":
        document: ColumnElement[Any] = type_coerce(col(EventRecord.data), JSON)
    else:
        document = cast(col(EventRecord.data), JSON)
    return document[names if len(names) > 1 else names[0]]


def with_events(
    rows: Iterator[Row], by_subject: Iterator[tuple[int, Recorded]], *, id_of: Callable[[Row], int]
) -> Iterator[tuple[Row | None, Events]]:
    """Yield each row with the events about it, and the events about rows that are gone with None.

    Both arguments are ordered by id. Use up the events of one row before asking for the next.
    """
    groups = (
        (subject, (event for _, event in group)) for subject, group in groupby(by_subject, itemgetter(0))
    )
    subject, events = next(groups, (None, iter(())))
    for row in rows:
        while subject is not None and subject < id_of(row):
            yield None, events
            subject, events = next(groups, (None, iter(())))
        if subject == id_of(row):
            yield row, events
            subject, events = next(groups, (None, iter(())))
        else:
            yield row, iter(())
    while subject is not None:
        yield None, events
        subject, events = next(groups, (None, iter(())))


def _events(hotel_id: int) -> Select[Any]:
    names = ("id", "seq", "type", "data", "occurred_at")
    columns: list[ColumnElement[Any]] = [getattr(EventRecord, name) for name in names]
    return select(*columns).where(col(EventRecord.hotel_id) == hotel_id)


def _recorded(id_: int, seq: int, kind: str, data: str, occurred_at: datetime) -> Recorded:
    try:
        parsed = parse(kind, data)
    except (KeyError, ValidationError):
        parsed = None
    return Recorded(id_, seq, kind, parsed, occurred_at)
