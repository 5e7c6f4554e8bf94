"""Write single rows in statements that have been compiled before, on PostgreSQL several rows in one.

A session can find out by itself what has changed in its objects; that costs several times what the statements
do. This is for the rows that many operations write, and that are written hundreds of times a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import BindParameter, Insert, Table, Update, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import SQLModel

from hotelmate.database import Transaction


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to be added."""

    statement: Insert
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row to be changed."""

    statement: Update
    values: Mapping[str, object]


Write = NewRow | ChangedRow


def new_row(kind: type[SQLModel], **values: object) -> NewRow:
    """Add a row to the table of `kind`; what is left out is as the table has it by default."""
    table = table_of(kind)
    return NewRow(_insert(table, tuple(values)), _named(table, values))


def changed_row(row: SQLModel, **values: object) -> ChangedRow:
    """Change columns of the row that an object of a session stands for; the object has the values at once.

    The session does not write them, and must not have others for them to write.
    """
    table = table_of(type(row))
    [key] = table.primary_key.columns
    for name, value in values.items():
        set_committed_value(row, name, value)
    named = _named(table, {**values, key.key: getattr(row, key.key)})
    return ChangedRow(_update(table, tuple(values)), named)


def add_and_return_id(transaction: Transaction, added: NewRow, *also: Write) -> int:
    """Add a row, and return its id; with it, do what else is to be done, each in another table.

    PostgreSQL does all in one statement: there each costs a round trip.
    """
    connection = transaction.connection()
    if connection.dialect.name == "sqlite":
        for write in also:
            connection.execute(write.statement, write.values)
        return connection.execute(_returning_id(added.statement), added.values).scalar_one()
    values: dict[str, object] = {
        name: value for write in (added, *also) for name, value in write.values.items()
    }
    together = _together(added.statement, *(write.statement for write in also))
    return connection.execute(together, values).scalar_one()


def table_of(kind: type[SQLModel]) -> Table:
    """Return the table that objects of a class are rows of."""
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


def _named(table: Table, values: Mapping[str, object]) -> dict[str, object]:
    return {_name(table, column): value for column, value in values.items()}


def _name(table: Table, column: str) -> str:
    return f"{table.name}__{column}"


@cache
def _insert(table: Table, columns: tuple[str, ...]) -> Insert:
    return insert(table).values(_parameters(table, columns))


@cache
def _update(table: Table, columns: tuple[str, ...]) -> Update:
    [key] = table.primary_key.columns
    return update(table).where(key == bindparam(_name(table, key.key))).values(_parameters(table, columns))


def _parameters(table: Table, columns: tuple[str, ...]) -> dict[str, BindParameter[object]]:
    return {column: bindparam(_name(table, column)) for column in columns}


@cache
def _returning_id(statement: Insert) -> ReturningInsert[int]:
    return statement.returning(statement.table.c.id)


@cache
def _together(added: Insert, *also: Insert | Update) -> ReturningInsert[int]:
    return _returning_id(added).add_cte(*(each.cte(f"write_{place}") for place, each in enumerate(also)))
