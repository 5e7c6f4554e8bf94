"""What a backup or a restore can fail for."""

import sqlite3
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from hotelmate.errors import Unavailable

FAILURES = (OSError, sqlite3.Error, DBAPIError, Unavailable)
"""What copying raises when a disk or a database lets it down."""

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class BackupError(Exception):
    """Nothing was backed up or replaced; the message is one line that says what to do."""


def reason_of(failure: Exception) -> str:
    """Return in a few words what one of `FAILURES` was."""
    cause = failure.__cause__ if isinstance(failure, Unavailable) else failure
    return str(getattr(cause, "orig", None) or cause or failure).strip().splitlines()[0]
