"""The command that tries whatever the settings name, before a server depends on it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import typer
from sqlalchemy import text

from hotelmate.bridge.probe import probe
from hotelmate.bridge.sending import Refused, Unreachable
from hotelmate.cli import databases, output
from hotelmate.cli.mistakes import Mistake
from hotelmate.cli.output import Json
from hotelmate.database import Database, DatabaseUnavailable
from hotelmate.processes import redis
from hotelmate.processes.redis import RedisUnavailable
from hotelmate.settings import Settings, SettingsError, load

OK, FAILED, OFF = "ok", "failed", "not set"

_CLOCK_SECONDS = 5
_FAULTS = (SettingsError, DatabaseUnavailable, RedisUnavailable, Mistake)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check."""

    check: str
    state: str
    detail: str


def check(as_json: Json = False) -> None:
    """Try everything that the settings name.

    The exit code is 1 when something of it cannot be used.
    """
    findings = list(_findings())
    output.show([asdict(each) for each in findings], columns=("check", "state", "detail"), as_json=as_json)
    if any(each.state == FAILED for each in findings):
        raise typer.Exit(1)


def _findings() -> Iterator[Finding]:
    try:
        settings = load()
        settings.derived_key("check")
    except SettingsError as error:
        yield Finding("settings", FAILED, str(error))
        return
    yield Finding("settings", OK, f"HotelMate {version('hotelmate')}, data in {settings.data_dir}")
    surroundings = Surroundings(settings)
    for name, attempt in (
        ("database", surroundings.database),
        ("redis", surroundings.redis),
        ("pusher", surroundings.pusher),
        ("clock", surroundings.clock),
    ):
        yield _finding(name, attempt)


def _finding(name: str, attempt: Callable[[], tuple[str, str]]) -> Finding:
    try:
        return Finding(name, *attempt())
    except _FAULTS as fault:
        return Finding(name, FAILED, str(fault))


class Surroundings:
    """What the settings name. Each attempt returns a state and a sentence, or raises what is wrong."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ahead: dict[str, float] = {}
        """How many seconds this machine's clock is ahead of the others', as far as they say."""

    def database(self) -> tuple[str, str]:
        """Connect, and see whether the tables are those of this version."""
        database = Database(self._settings.database)
        if database.is_sqlite and not Path(database.url.database or "").exists():
            database.close()
            return OK, f"{database.address} is made by the first `hotelmate serve` or `hotelmate db upgrade`"
        try:
            database.check()
            databases.require_newest(database)
            if not database.is_sqlite:
                with database.reading() as reading:
                    now = reading.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
                self._ahead["the database's"] = time.time() - float(now)
        finally:
            database.close()
        return OK, database.address

    def redis(self) -> tuple[str, str]:
        """Connect, and see whether the version will do."""
        url = self._settings.redis_url
        if url is None:
            return OFF, "several processes need HOTELMATE_REDIS_URL"
        redis.check(url)
        self._ahead["Redis's"] = redis.seconds_ahead(url)
        return OK, "reached"

    def pusher(self) -> tuple[str, str]:
        """Ask the Pusher service something that needs the right credentials."""
        service = self._settings.pusher
        if not service.is_configured:
            return OFF, "the embedded Channels server takes its place; PUSHER_… name an account"
        where = service.host or f"cluster {service.cluster}"
        try:
            self._ahead["Pusher's"] = asyncio.run(probe(service))
        except (Refused, Unreachable) as error:
            raise Mistake(
                f"{where} does not take these credentials, or cannot be reached ({error});"
                " set PUSHER_APP_ID, PUSHER_KEY, PUSHER_SECRET and PUSHER_CLUSTER as the account shows them"
            ) from error
        return OK, f"app {service.app_id} at {where}"

    def clock(self) -> tuple[str, str]:
        """Compare this machine's clock with those of everything reached before."""
        if not self._ahead:
            return OFF, "nothing to compare it with"
        whose, ahead = max(self._ahead.items(), key=lambda each: abs(each[1]))
        if abs(ahead) > _CLOCK_SECONDS:
            direction = "ahead of" if ahead > 0 else "behind"
            raise Mistake(
                f"this machine's clock is {abs(ahead):.0f} s {direction} {whose};"
                " set both from the network (NTP)"
            )
        return OK, f"within {_CLOCK_SECONDS} s of {' and '.join(self._ahead)}"
