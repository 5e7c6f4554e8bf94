"""Operators see what Pusher was not told, have it sent again, or forget it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hotelmate.cli import app
from hotelmate.database import Database
from hotelmate.models import BridgeCursor, DeadLetter, Hotel
from tests.bridge.helpers import deletion, letters_of, record
from tests.server import clean_environment

TABS = 7


class Command:
    """`hotelmate deliveries` on a database."""

    def __init__(self, database_url: str) -> None:
        self._environment = clean_environment() | {
            "HOTELMATE_DATABASE_URL": database_url.replace("+psycopg", ""),
            "HOTELMATE_SECRET_KEY": "a secret for the tests",
        }

    def __call__(self, *arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, ["deliveries", *arguments], env=self._environment, input=stdin)

    def json(self, *arguments: str) -> list[Any]:
        """Return the objects that the command prints."""
        done = self(*arguments, "--json")
        assert (done.exit_code, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def on_a_terminal(self, *arguments: str) -> str:
        """Return all that a person sees."""
        terminal, end = pty.openpty()
        command = [sys.executable, "-m", "hotelmate", "deliveries", *arguments]
        environment = self._environment | {"TERM": "xterm", "COLUMNS": "200"}
        with subprocess.Popen(command, env=environment, stdin=end, stdout=end, stderr=end) as process:
            os.close(end)
            seen = b""
            try:
                while chunk := os.read(terminal, 65536):
                    seen += chunk
            except OSError:
                pass  # Linux says so when the last writer has gone
        os.close(terminal)
        assert process.returncode == 0, seen
        return seen.decode()


@pytest.fixture
def deliveries(sqlite_database: Database) -> Command:
    return Command(str(sqlite_database.url))


def bury(database: Database, hotel: Hotel, letters: int, *, error: str = "400 No") -> list[int]:
    """Record so many events and have Pusher have refused each; return the ids of the letters."""
    events = record(database, hotel, *[deletion("poison")] * letters)
    with database.transaction() as transaction:
        for event in events:
            transaction.add(
                DeadLetter(
                    hotel_id=hotel.id,
                    event_id=event.id,
                    channel=f"hotel-{hotel.slug}",
                    event_name="offer-deleted",
                    error=error,
                    failed_at=event.occurred_at,
                )
            )
    return [letter.id for letter in letters_of(database, hotel)]


def test_status_shows_how_far_each_hotel_has_come(
    sqlite_database: Database, killarney: Hotel, dublin: Hotel, deliveries: Command
) -> None:
    bury(sqlite_database, killarney, 2)
    with sqlite_database.transaction() as transaction:
        transaction.add(BridgeCursor(hotel_id=killarney.id, delivered_seq=1, attempts=3, last_error="503"))
    first, second = deliveries.json("status")
    assert first == {
        "hotel": "dublin",
        "delivered": 0,
        "latest": 0,
        "pending": 0,
        "oldest_pending_seconds": None,
        "failures": 0,
        "next_try_at": None,
        "dead_letters": 0,
        "last_error": None,
    }
    assert second.pop("oldest_pending_seconds") >= 0
    assert second == {
        "hotel": "killarney",
        "delivered": 1,
        "latest": 2,
        "pending": 1,
        "failures": 3,
        "next_try_at": None,
        "dead_letters": 2,
        "last_error": "503",
    }


def test_list_shows_the_letters_of_all_hotels_or_of_one(
    sqlite_database: Database, killarney: Hotel, dublin: Hotel, deliveries: Command
) -> None:
    ids = bury(sqlite_database, killarney, 2)
    [other] = bury(sqlite_database, dublin, 1)
    assert [letter["id"] for letter in deliveries.json("list")] == [*ids, other]
    [letter] = deliveries.json("list", "--hotel", "dublin")
    assert letter.pop("failed_at").endswith("+00:00")
    assert letter == {
        "id": other,
        "hotel": "dublin",
        "seq": 1,
        "event_name": "offer-deleted",
        "channel": "hotel-dublin",
        "is_queued": False,
        "error": "400 No",
    }


def test_a_pipe_gets_a_line_for_each_letter_and_a_terminal_a_table(
    sqlite_database: Database, killarney: Hotel, deliveries: Command
) -> None:
    bury(sqlite_database, killarney, 1, error="400 [red]No[/red]\nnot this")
    [line] = deliveries("list").stdout.splitlines()
    assert line.count("\t") == TABS
    assert line.endswith("400 [red]No[/red] not this")
    assert "│ 400 [red]No[/red] not this" in deliveries.on_a_terminal("list")


def test_show_tells_what_would_be_sent(
    sqlite_database: Database, killarney: Hotel, deliveries: Command
) -> None:
    [id_] = bury(sqlite_database, killarney, 1)
    [letter] = deliveries.json("show", str(id_))
    data = json.loads(letter["data"])
    assert (data["offer_title"], data["meta"]["seq"]) == ("poison", 1)
    assert letter["bytes"] == len(letter["data"].encode())
    assert letter["error"] == "400 No"
    assert f"data: {letter['data']}" in deliveries("show", str(id_)).stdout


def test_retry_queues_the_letters_that_are_meant(
    sqlite_database: Database, killarney: Hotel, dublin: Hotel, deliveries: Command
) -> None:
    first, second = bury(sqlite_database, killarney, 2)
    [other] = bury(sqlite_database, dublin, 1)
    assert deliveries.json("retry", str(second)) == [{"queued": 1}]
    assert [letter["id"] for letter in deliveries.json("list") if letter["is_queued"]] == [second]
    assert deliveries("retry", "--hotel", "killarney").stdout == (
        "1 dead letter queued to be sent again by a running server.\n"
    )
    assert deliveries.json("retry", "--all") == [{"queued": 1}]
    assert [letter["id"] for letter in deliveries.json("list") if letter["is_queued"]] == [
        first,
        second,
        other,
    ]


def test_drop_forgets_the_letters_that_are_meant_once_it_was_confirmed(
    sqlite_database: Database, killarney: Hotel, deliveries: Command
) -> None:
    first, second, third = bury(sqlite_database, killarney, 3)
    assert deliveries("drop", str(first), stdin="n\n").exit_code == 1
    assert deliveries("drop", str(first)).exit_code == 1
    assert len(letters_of(sqlite_database, killarney)) == 3
    assert deliveries("drop", str(first), stdin="y\n").stdout.endswith("1 dead letter dropped for good.\n")
    assert deliveries.json("drop", str(third), "--yes") == [{"dropped": 1}]
    assert [letter.id for letter in letters_of(sqlite_database, killarney)] == [second]
    assert deliveries.json("drop", "--all", "--yes") == [{"dropped": 1}]


def test_many_letters_are_dealt_with_part_by_part_under_a_bar(
    sqlite_database: Database, killarney: Hotel, deliveries: Command
) -> None:
    ids = bury(sqlite_database, killarney, 1_201)
    for arguments, word in (
        (("show", *map(str, ids)), "Reading"),
        (("list",), "Reading"),
        (("retry", "--all"), "Queueing"),
        (("drop", "--all", "--yes"), "Dropping"),
    ):
        seen = deliveries.on_a_terminal(*arguments)
        assert word in seen
        assert "1201/1201" in seen
    assert letters_of(sqlite_database, killarney) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("retry",), "say which: their ids, --hotel SLUG, or --all"),
        (("drop", "1", "--all"), "say which: their ids, --hotel SLUG, or --all"),
        (("retry", "4711"), "there is no dead letter 4711; `hotelmate deliveries list` shows them"),
        (("show", "4711"), "there is no dead letter 4711; `hotelmate deliveries list` shows them"),
        (
            ("list", "--hotel", "nowhere"),
            "There is no hotel 'nowhere'; `hotelmate hotel list` shows those that there are.",
        ),
    ],
)
def test_what_is_not_clear_or_not_there_is_said_in_one_line(
    deliveries: Command, arguments: tuple[str, ...], says: str
) -> None:
    done = deliveries(*arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"hotelmate: {says}\n")


def test_a_database_that_was_never_made_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    done = Command(f"sqlite:///{tmp_path / 'none.sqlite3'}")("list")
    assert done.exit_code == 1
    assert done.stderr.startswith("hotelmate: the database has no tables yet; run `hotelmate db upgrade`")
