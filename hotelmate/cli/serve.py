"""The command that serves, and what has to be so before it can."""

import socket
from datetime import UTC, datetime
from typing import Annotated

import typer

from hotelmate import demo as demo_data
from hotelmate import logs, migrations
from hotelmate.cli import databases, mistakes
from hotelmate.cli.mistakes import Mistake
from hotelmate.cli.server import Server
from hotelmate.cli.workers import Supervisor
from hotelmate.database import Database
from hotelmate.media.errors import StorageUnavailable
from hotelmate.media.pictures import Pictures
from hotelmate.processes import redis
from hotelmate.settings import Settings, load

# What the bridge may still take at the end, and a margin.
_STOP_MARGIN_SECONDS = 10

Workers = Annotated[
    int, typer.Option(min=1, help="How many processes; several need PostgreSQL and Redis.", show_default=True)
]


def serve(workers: Workers = 1) -> None:
    """Serve the API at HOTELMATE_HOST and HOTELMATE_PORT."""
    with mistakes.in_one_line():
        _serve(load(), workers)


def demo(workers: Workers = 1) -> None:
    """Serve the demo on loopback, as HOTELMATE_DEMO=1 does.

    An empty database is filled with its hotels.
    """
    with mistakes.in_one_line():
        _serve(load(demo=True), workers)


def _serve(settings: Settings, workers: int) -> None:
    logs.configure()
    if workers > 1:
        _refuse_to_share(settings)
    _prepare(settings)
    listener = _listen(settings.host, settings.port)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    if settings.demo:
        _fill_with_demo(settings)
    _welcome(settings)
    if workers == 1:
        Server(settings).run(sockets=[listener])
    else:
        _supervise(settings, listener, workers)


def _refuse_to_share(settings: Settings) -> None:
    """Make sure that several processes can work together.

    Raises:
        Mistake: they cannot.
    """
    if settings.database.startswith("sqlite"):
        raise Mistake("several workers need PostgreSQL; set HOTELMATE_DATABASE_URL=postgresql://…")
    if settings.redis_url is None:
        raise Mistake("several workers need Redis between them; set HOTELMATE_REDIS_URL=redis://…")


def _supervise(settings: Settings, listener: socket.socket, workers: int) -> None:
    def work(lifeline: int) -> None:
        Server(settings, lifeline=lifeline).run(sockets=[listener])

    stop_seconds = settings.shutdown_spread_seconds + 2 * settings.shutdown_seconds + _STOP_MARGIN_SECONDS
    Supervisor(listener, work, workers=workers, stop_seconds=stop_seconds).run()


def _prepare(settings: Settings) -> None:
    """Make sure of the surroundings: Redis, and a database as this version needs it.

    Raises:
        DatabaseUnavailable: it cannot be used.
        RedisUnavailable: likewise, where it is asked for.
        Mistake: the database has to be upgraded first.
    """
    if settings.redis_url is not None:
        redis.check(settings.redis_url)
    database = Database(settings.database)
    database.check()
    if database.is_sqlite:
        migrations.upgrade(database)
    else:
        databases.require_newest(database)
    database.close()


def _fill_with_demo(settings: Settings) -> None:
    """Put the demo's data into an empty database; its pictures' urls need the address that is served.

    Raises:
        Mistake: the pictures cannot be stored.
    """
    database = Database(settings.database)
    with database.reading() as reading:
        is_empty = demo_data.is_empty(reading)
    if is_empty:
        try:
            pictures = demo_data.draw_pictures(Pictures.of(settings))
        except StorageUnavailable as error:
            raise Mistake(f"the demo's pictures cannot be stored ({error.__cause__})") from error
        with database.transaction() as transaction:
            demo_data.seed(transaction, at=datetime.now(UTC), pictures=pictures)
    database.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Mistake(
            f"cannot listen on {host}:{port} ({error.strerror or error});"
            " set HOTELMATE_HOST or HOTELMATE_PORT to a free address"
        ) from error
    listener.listen(2048)
    return listener


def _welcome(settings: Settings) -> None:
    typer.echo(f"HotelMate serves at {settings.origin}, GraphQL at {settings.origin}/graphql", err=True)
    if settings.demo:
        typer.echo(
            "Demo hotels: killarney (anna, ben) and dublin (carla), password 'demo', tokens demo-anna …",
            err=True,
        )
