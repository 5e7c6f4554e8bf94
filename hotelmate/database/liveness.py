"""Find connections that a PostgreSQL server has ended before they are used, at no cost while all is well.

To ask it each time, as SQLAlchemy's `pool_pre_ping` does, costs as much as a statement or two.
"""

import math
import select
import time

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

_LEFT_AT = "hotelmate.left_at"
_LEFT_ALONE_SECONDS = 30


def require_alive(engine: Engine) -> None:
    """Have the engine's pool connect anew when what it holds has ended."""
    event.listen(engine, "checkin", _note_when_left)
    event.listen(engine, "checkout", _check)


def _note_when_left(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_LEFT_AT] = time.monotonic()


def _check(connection: psycopg.Connection, record: ConnectionPoolEntry, _proxy: object) -> None:
    try:
        # Nobody has asked for anything: what there is to read tells of the end, or is it.
        if _can_be_read(connection):
            raise InvalidatePoolError
        # A connection that was dropped on the way, without a word, shows it only when it is used.
        if time.monotonic() - record.info.get(_LEFT_AT, math.inf) > _LEFT_ALONE_SECONDS:
            _ping(connection)
    except psycopg.OperationalError as error:
        raise InvalidatePoolError from error


def _can_be_read(connection: psycopg.Connection) -> bool:
    readable = select.poll()
    readable.register(connection.fileno(), select.POLLIN)
    return bool(readable.poll(0))


def _ping(connection: psycopg.Connection) -> None:
    connection.execute("SELECT 1")
    connection.rollback()
