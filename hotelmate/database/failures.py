"""What a database's failure means to whoever called: away, full, too late, or a fault of ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from hotelmate.errors import TimedOut, Unavailable

# PostgreSQL's states, by how they begin: connections refused or lost; too many of them, disk or memory full;
# a lock waited for in vain; a server that stops or starts; input and output.
_AWAY_STATES = ("08", "53", "55P03", "57P", "58")
_DISK_FULL_STATE = "53100"
_CANCELLED_STATE = "57014"
_AWAY_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_DISK_IS_FULL = "The database's disk is full. Nothing was changed."
_TOO_LATE = "This took too long and was stopped. Nothing was changed."


class DatabaseUnavailable(Exception):
    """The database cannot be used; the message is one line that says what to set."""


@contextmanager
def refusing_what_is_away() -> Iterator[None]:
    """Raise what a statement's failure means to a caller (`refusal_of`) instead of the driver's error."""
    try:
        yield
    except OperationalError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


@contextmanager
def changing_nothing_late() -> Iterator[None]:
    """Say of a transaction that was ended for its time what became of it."""
    try:
        yield
    except TimedOut as error:
        raise TimedOut(_TOO_LATE) from error


def refusal_of(error: OperationalError) -> Unavailable | None:
    """Return what a statement's failure means to a caller.

    Returns:
        `TimedOut` when its time was over, `Unavailable` when the database is away or full; None when it is
        neither, and thereby a fault of ours.
    """
    orig = error.orig
    if isinstance(orig, sqlite3.Error):
        # The lowest byte says what it is, the others more exactly.
        code = getattr(orig, "sqlite_errorcode", 0) & 0xFF
        is_ended = code == sqlite3.SQLITE_INTERRUPT
        is_away, is_full = code in _AWAY_SQLITE, code == sqlite3.SQLITE_FULL
    else:
        state = getattr(orig, "sqlstate", None)
        is_ended = state == _CANCELLED_STATE
        # Without a state it is the connection that failed.
        is_away, is_full = state is None or state.startswith(_AWAY_STATES), state == _DISK_FULL_STATE
    if is_ended:
        return TimedOut()
    if not is_away:
        return None
    return Unavailable(_DISK_IS_FULL) if is_full else Unavailable()
