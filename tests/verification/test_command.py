"""`hotelmate verify` says how each log stands, names each hole, and fails when there is one."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from hotelmate.backups.backup import back_up
from hotelmate.cli import app
from hotelmate.database import Database
from hotelmate.models import Hotel
from tests.bridge.helpers import record
from tests.server import clean_environment
from tests.verification.test_ledger import GONE


def verify(database: Database, *arguments: str) -> Result:
    address = database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    environment = {name: None for name in clean_environment() if name.startswith("HOTELMATE")}
    return CliRunner().invoke(
        app, ["verify", *arguments], env={**environment, "HOTELMATE_DATABASE_URL": address}
    )


@pytest.fixture
def recorded(database: Database, killarney: Hotel) -> Database:
    record(database, killarney, GONE, GONE, GONE)
    return database


def test_a_sound_database_is_told_in_a_line_for_each_hotel(recorded: Database) -> None:
    done = verify(recorded)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["dublin\t1\t0\t0\t0\t0\t0\t0", "killarney\t1\t3\t3\t0\t3\t0\t0"]


def test_each_hole_is_a_line_and_the_command_fails(recorded: Database) -> None:
    with recorded.transaction() as transaction:
        transaction.execute(text("DELETE FROM event WHERE seq = 2"))
    done = verify(recorded)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "killarney\tevent_missing\tevent 2 is missing",
        "dublin\t1\t0\t0\t0\t0\t0\t0",
        "killarney\t1\t3\t2\t0\t2\t0\t1",
    ]
    assert done.stderr == "hotelmate: verification found 1 hole\n"
    as_json = [json.loads(line) for line in verify(recorded, "--json").stdout.splitlines()]
    assert [as_json[0], as_json[2]] == [
        {"hole": "event_missing", "hotel": "killarney", "says": "event 2 is missing"},
        {
            "hotel": "killarney",
            "first_seq": 1,
            "last_seq": 3,
            "events": 2,
            "delivered": 0,
            "pending": 2,
            "dead_letters": 0,
            "holes": 1,
        },
    ]


def test_a_ledger_is_held_against_the_log(recorded: Database, killarney: Hotel, tmp_path: Path) -> None:
    ledger = tmp_path / "screen.jsonl"
    cursors = [event.cursor for event in record(recorded, killarney, GONE, GONE)]
    lines = [{"receiver": "screen", "cursor": cursor} for cursor in cursors]
    ledger.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert verify(recorded, "--ledger", str(ledger)).exit_code == 0
    ledger.write_text(json.dumps({"receiver": "screen", "after": cursors[0]}))
    done = verify(recorded, "--ledger", str(ledger))
    assert done.exit_code == 1
    assert "killarney\tlost\tevent 5 never came to screen" in done.stdout.splitlines()
    assert verify(recorded, "--ledger", str(tmp_path / "nowhere")).exit_code == 2


def test_a_backup_is_verified_as_it_is(recorded: Database, tmp_path: Path) -> None:
    backup = tmp_path / "killarney.backup"
    back_up(recorded, backup, progress=lambda _done, _total: None)
    before = backup.read_bytes()
    done = verify(Database(f"sqlite:///{backup}"))
    assert done.stdout.splitlines() == verify(recorded).stdout.splitlines()
    assert backup.read_bytes() == before
    assert [path for path in tmp_path.iterdir() if path.name.startswith(backup.name)] == [backup]
