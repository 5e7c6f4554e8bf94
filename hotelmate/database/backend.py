"""What a kind of database decides: how it is connected to, what it can do at once, and how it commits."""

from typing import Protocol

from sqlalchemy import Connection, Engine

from hotelmate import deadlines
from hotelmate.database.commits import Commits
from hotelmate.database.transactions import Tell

# An error's text is logged, and parameters are guests' data, WiFi passwords and token hashes.
HIDE_PARAMETERS = True


class Backend(Protocol):
    """One kind of database, at one address."""

    remedy: str
    """What whoever runs the server can do when it cannot be reached."""
    writing: Engine
    reading: Engine
    engines: tuple[Engine, ...]
    """Those that have a pool of connections of their own."""
    threads: int
    """How many operations may be under way at once."""

    def prepare(self) -> None:
        """Make what has to be there before the first connection.

        Raises:
            OSError: it cannot be made.
        """

    def require_version(self, connection: Connection) -> None:
        """Go on only with a version that will do.

        Raises:
            DatabaseUnavailable: it is too old.
        """

    def commits(self, tell: Tell) -> Commits:
        """Return the transactions that write, which `tell` what was announced in them."""


def require_time(statement: str) -> deadlines.Deadline | None:
    """Let a statement begin only if there is time; return by when it has to end, None for any time.

    Raises:
        TimedOut: the operation's time is over.
    """
    deadline = deadlines.current()
    # Whatever else is late, what was done has to be taken back.
    if deadline is None or statement.startswith("ROLLBACK"):
        return None
    deadline.check()
    return deadline
