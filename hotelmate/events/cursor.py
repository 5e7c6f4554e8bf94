"""Cursors: opaque to clients, an epoch and a seq to us.

The epoch is the hotel's own and changes when the database is restored from a backup, so that a cursor from
another hotel or another history is told apart rather than read under the same numbers.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass


class MalformedCursor(Exception):
    """The text was never a cursor."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a hotel's log: just after the event numbered `seq`, 0 for its beginning."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.epoch}:{self.seq}".encode()).decode().rstrip("=")


def new_epoch() -> str:
    """Return an epoch that no hotel has or had."""
    return secrets.token_hex(4)


def parse(text: str) -> Cursor:
    """Return the cursor that `text` stands for.

    Raises:
        MalformedCursor: it is not one of ours.
    """
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
        epoch, _, seq = decoded.rpartition(":")
        cursor = Cursor(epoch, int(seq))
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise MalformedCursor(text) from error
    if str(cursor) != text:
        raise MalformedCursor(text)
    return cursor
