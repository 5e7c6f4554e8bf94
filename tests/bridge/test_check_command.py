"""`hotelmate check` tries what the settings name, says in a line each what came of it, and what to set."""

import asyncio
import json
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hotelmate.cli import app
from tests.bridge.pusher_endpoint import PusherEndpoint
from tests.conftest import SeededPostgresql
from tests.redis_server import REDIS
from tests.server import clean_environment


class Command:
    """`hotelmate check` on a data directory of its own."""

    def __init__(self, data_dir: Path) -> None:
        self._environment = clean_environment() | {"HOTELMATE_DATA_DIR": str(data_dir)}

    def __call__(self, *arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, ["check", *arguments], env={**self._environment, **settings})

    def states(self, **settings: str) -> tuple[int, dict[str, str], dict[str, str]]:
        """Return the exit code, and by the checks' names their states and details."""
        done = self("--json", **settings)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return (
            done.exit_code,
            {each["check"]: each["state"] for each in found},
            {each["check"]: each["detail"] for each in found},
        )


@pytest.fixture
def check(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_nothing_set_is_well(check: Command, tmp_path: Path) -> None:
    code, states, details = check.states()
    assert (code, states) == (
        0,
        {"settings": "ok", "database": "ok", "redis": "not set", "pusher": "not set", "clock": "not set"},
    )
    assert "hotelmate db upgrade" in details["database"]
    assert not (tmp_path / "hotelmate.sqlite3").exists(), "trying it made nothing"


def test_a_pipe_gets_a_line_each(check: Command) -> None:
    done = check()
    assert [line.split("\t")[:2] for line in done.stdout.splitlines()] == [
        ["settings", "ok"],
        ["database", "ok"],
        ["redis", "not set"],
        ["pusher", "not set"],
        ["clock", "not set"],
    ]


def test_settings_that_cannot_work_are_the_one_finding(check: Command) -> None:
    code, states, details = check.states(HOTELMATE_PORT="none")
    assert (code, states) == (1, {"settings": "failed"})
    assert "HOTELMATE_PORT" in details["settings"]


def test_a_database_that_has_to_be_upgraded_is_told_of(check: Command, tmp_path: Path) -> None:
    (tmp_path / "hotelmate.sqlite3").touch()
    code, states, details = check.states()
    assert (code, states["database"]) == (1, "failed")
    assert "hotelmate db upgrade" in details["database"]


def test_what_is_not_there_is_told_of_all_at_once(check: Command) -> None:
    code, states, details = check.states(
        HOTELMATE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/x",
        HOTELMATE_REDIS_URL="redis://127.0.0.1:1/0",
    )
    assert code == 1
    assert (states["database"], states["redis"]) == ("failed", "failed")
    assert "HOTELMATE_DATABASE_URL" in details["database"]
    assert "HOTELMATE_REDIS_URL" in details["redis"]


@pytest.mark.usefixtures("redis")
def test_a_database_and_redis_that_will_do_are_well(
    check: Command, seeded_postgresql: SeededPostgresql
) -> None:
    url = seeded_postgresql.url.replace("+psycopg", "")
    code, states, details = check.states(HOTELMATE_DATABASE_URL=url, HOTELMATE_REDIS_URL=REDIS)
    assert (code, states) == (
        0,
        {"settings": "ok", "database": "ok", "redis": "ok", "pusher": "not set", "clock": "ok"},
    )
    assert "the database's and Redis's" in details["clock"]


async def test_pusher_takes_the_right_credentials_only(check: Command, endpoint: PusherEndpoint) -> None:
    code, states, _ = await asyncio.to_thread(check.states, **endpoint.environment)
    assert (code, states["pusher"], states["clock"]) == (0, "ok", "ok")
    code, states, details = await asyncio.to_thread(
        check.states, **{**endpoint.environment, "PUSHER_SECRET": "another"}
    )
    assert (code, states["pusher"]) == (1, "failed")
    assert "401" in details["pusher"]
    assert "PUSHER_SECRET" in details["pusher"]


async def test_a_pusher_that_is_not_there_is_told_of(check: Command, endpoint: PusherEndpoint) -> None:
    code, states, details = await asyncio.to_thread(
        check.states, **{**endpoint.environment, "PUSHER_PORT": "1"}
    )
    assert (code, states["pusher"]) == (1, "failed")
    assert "127.0.0.1" in details["pusher"]


async def test_a_clock_that_is_off_is_told_of(check: Command, endpoint: PusherEndpoint) -> None:
    await endpoint.fail(headers={"Date": formatdate(time() - 120, usegmt=True)})
    code, states, details = await asyncio.to_thread(check.states, **endpoint.environment)
    assert (code, states["pusher"], states["clock"]) == (1, "ok", "failed")
    assert "s ahead of Pusher's" in details["clock"]
