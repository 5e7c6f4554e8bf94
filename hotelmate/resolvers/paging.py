"""Pages of long lists, by the place of the last row seen rather than by counting.

A cursor holds the values that its row is ordered by, so that rows that come and go before it move nothing.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.expression import SelectOfScalar

from hotelmate.database import Reading
from hotelmate.errors import BadUserInput
from hotelmate.resolvers.checks import INT_32, integer, is_storable

Row = TypeVar("Row")

_MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, the cursor of each, and whether more follow."""

    rows: list[Row]
    cursors: list[str]
    has_next: bool


def page(
    reading: Reading,
    statement: SelectOfScalar[Row],
    *,
    keys: Sequence[Any],
    descending: bool = False,
    first: int,
    after: str | None,
) -> Page[Row]:
    """Read one page in one statement.

    Args:
        reading: the session.
        statement: selects the list's rows, not ordered.
        keys: the columns that order them, together unique and none of them nullable.
        descending: whether the order is from high to low.
        first: how many rows at most, 0 to 100.
        after: the cursor of the row before the page; the list's beginning without one.

    Raises:
        BadUserInput: `first` is out of bounds, or `after` was never a cursor of such a list.
    """
    size = integer(at_least=0, at_most=_MOST_ROWS)("first", first)
    columns: Sequence[InstrumentedAttribute[Any]] = keys
    if after is not None:
        statement = statement.where(_beyond(columns, _parse(after, columns), descending=descending))
    ordered = statement.order_by(*(column.desc() if descending else column.asc() for column in columns))
    rows = list(reading.exec(ordered.limit(size + 1)))
    has_next = len(rows) > size
    rows = rows[:size]
    return Page(rows, [_cursor(row, columns) for row in rows], has_next)


def _beyond(
    columns: Sequence[InstrumentedAttribute[Any]], values: Sequence[object], *, descending: bool
) -> ColumnElement[bool]:
    place = tuple_(*(literal(value, column.type) for value, column in zip(values, columns, strict=True)))
    return tuple_(*columns) < place if descending else tuple_(*columns) > place


def _cursor(row: object, columns: Sequence[InstrumentedAttribute[Any]]) -> str:
    values = [getattr(row, column.key) for column in columns]
    texts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _parse(cursor: str, columns: Sequence[InstrumentedAttribute[Any]]) -> list[object]:
    """The values that a cursor holds, one for each column and of its type."""
    try:
        decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = zip(_listed(json.loads(decoded)), columns, strict=True)
        return [_value(value, _kind(column)) for value, column in values]
    except (binascii.Error, ValueError, RecursionError):
        raise BadUserInput("after", "This is not a cursor.") from None


def _listed(values: object) -> list[object]:
    if not isinstance(values, list):
        raise ValueError(values)  # noqa: TRY004 - a malformed text, not a wrong call
    return values


def _kind(column: InstrumentedAttribute[Any]) -> type:
    kept_as = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return kept_as.python_type


def _value(value: object, kind: type) -> object:
    if kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.utcoffset() is not None and not moment.utcoffset():
            return moment
    if kind is str and isinstance(value, str) and is_storable(value):
        return value
    if kind is int and type(value) is int and -INT_32 <= value < INT_32:
        return value
    raise ValueError(value)
