"""Transactions that write, each with a commit of its own; `shared_commits` has the other kind."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from hotelmate import deadlines
from hotelmate.database.transactions import Tell, announced_in
from hotelmate.errors import OutcomeUnknown


class Commits(Protocol):
    """How a kind of database commits."""

    @property
    def waiting(self) -> int:
        """How many transactions of this process wait for another one to end before they begin."""

    def transaction(self) -> AbstractContextManager[Session]:
        """Open a session that is committed when the block ends and rolled back when it raises.

        What was announced in it is told after the commit and before this returns.

        Raises:
            DBAPIError: what a statement or the commit raised; nothing was changed.
            TimedOut: it was not finished in time; nothing was changed.
            OutcomeUnknown: the commit had begun, and nothing says what became of it.
        """


class OwnCommits:
    """The transactions of an engine on which they go on beside each other."""

    waiting = 0

    def __init__(self, engine: Engine, tell: Tell) -> None:
        self._engine = engine
        self._tell = tell

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session of a connection of its own; see `Commits`."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session
            session.flush()
            with deadlines.committing():
                _commit(session)
            self._tell(announced_in(session))


def _commit(session: Session) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise OutcomeUnknown from error
        raise
