"""PostgreSQL: transactions beside each other, and statements that are cancelled when their time is over."""

from functools import partial

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from hotelmate import deadlines
from hotelmate.database import liveness
from hotelmate.database.backend import HIDE_PARAMETERS, require_time
from hotelmate.database.commits import Commits, OwnCommits
from hotelmate.database.failures import DatabaseUnavailable
from hotelmate.database.transactions import Tell

_OLDEST = 14
_CONNECTIONS = 10
_CONNECT_SECONDS = 3
_CANCEL_SECONDS = 2
_APPLICATION_NAME = "hotelmate"
_OPTIONS = {
    # A process that was stopped, or whose machine is gone, must not keep a hotel's turn.
    "idle_in_transaction_session_timeout": "10s",
    "tcp_user_timeout": "10s",
    "lock_timeout": "10s",
}


class Postgresql:
    """PostgreSQL, as a `Backend`."""

    remedy = "start it or set HOTELMATE_DATABASE_URL"
    threads = _CONNECTIONS

    def __init__(self, url: URL) -> None:
        self.writing = create_engine(
            url,
            pool_size=_CONNECTIONS,
            connect_args=_connect_args(url),
            hide_parameters=HIDE_PARAMETERS,
        )
        self.engines: tuple[Engine, ...] = (self.writing,)
        event.listen(self.writing, "before_cursor_execute", _require_time)
        event.listen(self.writing, "checkin", _cancel_no_more)
        liveness.require_alive(self.writing)
        # One state throughout: a cursor read beside the data it belongs to.
        self.reading: Engine = self.writing.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def prepare(self) -> None:
        """Make nothing: the server has made the database."""

    def require_version(self, connection: Connection) -> None:
        """Go on only with a version that will do; see `Backend`."""
        version = connection.execute(text("SHOW server_version")).scalar_one()
        number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        if number // 10_000 < _OLDEST:
            raise DatabaseUnavailable(
                f"the database is PostgreSQL {version} and HotelMate needs {_OLDEST} or later;"
                " upgrade it or set HOTELMATE_DATABASE_URL"
            )

    def commits(self, tell: Tell) -> Commits:
        """Return transactions that commit each for itself."""
        return OwnCommits(self.writing, tell)


def _connect_args(url: URL) -> dict[str, object]:
    ours = " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items())
    return {
        "application_name": _APPLICATION_NAME,
        "connect_timeout": _CONNECT_SECONDS,
        **url.query,
        # What the url itself asks for comes later, and wins.
        "options": f"{ours} {url.query.get('options', '')}",
    }


def _require_time(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    """Begin no statement when the operation's time is over; have it ended by the server once it will be."""
    deadline = require_time(statement)
    if deadline is not None:
        driver_connection = connection.connection.driver_connection
        assert isinstance(driver_connection, psycopg.Connection)  # noqa: S101 - as the url says
        deadline.cancelled_by(partial(driver_connection.cancel_safe, timeout=_CANCEL_SECONDS))


def _cancel_no_more(_connection: object, _record: object) -> None:
    """Let nobody end a statement on a connection that is somebody else's next."""
    deadline = deadlines.current()
    if deadline is not None:
        deadline.cancelled_by(None)
