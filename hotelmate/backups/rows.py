"""Copy all rows from one database to another of the same revision, whatever kind either is.

Tables are taken as they are found, not from the models: a database is best backed up before it is upgraded.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

from hotelmate.backups.errors import Progress

_AT_ONCE = 2000
_REVISION_TABLE = "alembic_version"


def tables_of(connection: Connection) -> Sequence[Table]:
    """Return the tables, those that others refer to first; the revision is not among them."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != _REVISION_TABLE]


def copy(source: Connection, target: Connection, *, progress: Progress) -> None:
    """Copy every row into the empty tables of `target`, and let its ids go on where the source's stood."""
    for connection in (source, target):
        if not _is_sqlite(connection):
            # SQLite's times are in UTC and do not say so.
            connection.execute(text("SET LOCAL TimeZone = 'UTC'"))
    tables = {table.name: table for table in tables_of(target)}
    there = [table for table in tables_of(source) if table.name in tables]
    total = sum(source.execute(select(func.count()).select_from(table)).scalar_one() for table in there)
    done = 0
    for table in there:
        rows = source.execute(select(table), execution_options={"yield_per": _AT_ONCE}).mappings()
        for part in rows.partitions():
            target.execute(insert(tables[table.name]), [dict(row) for row in part])
            done += len(part)
            progress(done, total)
    for table in tables.values():
        if "id" in table.columns:
            set_highest_id(target, table.name, highest_id(source, table.name))


def highest_id(connection: Connection, table: str) -> int:
    """Return the highest id that a table has given out, whether or not its row is still there."""
    if _is_sqlite(connection):
        counted = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        given_out = connection.execute(counted, {"table": table}).scalar() or 0
    else:
        sequence = text(f"SELECT last_value, is_called FROM {table}_id_seq")  # noqa: S608 - our own table
        last, is_given = connection.execute(sequence).one()
        given_out = last if is_given else 0
    there = text(f"SELECT max(id) FROM {table}")  # noqa: S608 - our own table
    return max(given_out, connection.execute(there).scalar() or 0)


def set_highest_id(connection: Connection, table: str, highest: int) -> None:
    """Have a table give out ids above this one."""
    if not _is_sqlite(connection):
        connection.execute(
            text("SELECT setval(:sequence, :value, :is_given)"),
            {"sequence": f"{table}_id_seq", "value": max(highest, 1), "is_given": highest > 0},
        )
    elif _counts(connection, table):
        values = {"table": table, "highest": highest}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :highest)"), values)


def _counts(connection: Connection, table: str) -> bool:
    """Whether SQLite remembers the ids of a table's removed rows; of the others no row is ever removed."""
    made_by = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    return "AUTOINCREMENT" in connection.execute(made_by, {"table": table}).scalar_one()


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
