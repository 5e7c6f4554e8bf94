"""Write single rows at once, each in one statement that has been compiled before.

A session can find out by itself what has changed in its objects; that costs several times what the statements
do. These are for the rows that many operations write, and that are written hundreds of times a second.
"""

from functools import cache

from sqlalchemy import Insert, Table, Update, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel

from hotelmate.database import Transaction

# No column's name begins so.
_KEY = "__key"


def add_row(transaction: Transaction, kind: type[SQLModel], **values: object) -> None:
    """Add a row to the table of `kind`; what is left out is as the table has it by default."""
    transaction.connection().execute(_insert(table_of(kind)), values)


def change_row(transaction: Transaction, row: SQLModel, **values: object) -> None:
    """Write values into columns of the row that an object of the session stands for; it shows them as well.

    The object must not wait to be written with other values for them.
    """
    table = table_of(type(row))
    [key] = table.primary_key.columns
    transaction.connection().execute(_update(table), {_KEY: getattr(row, key.key), **values})
    for name, value in values.items():
        set_committed_value(row, name, value)


def table_of(kind: type[SQLModel]) -> Table:
    """Return the table that objects of a class are rows of."""
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _update(table: Table) -> Update:
    [key] = table.primary_key.columns
    return update(table).where(key == bindparam(_KEY))
