"""`hotelmate audit` says who did what, also while a server runs."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner, Result

from hotelmate.cli import app
from hotelmate.database import Database
from hotelmate.identity import audit
from hotelmate.identity.actors import Anonymous, StaffActor
from hotelmate.models import AuditAction, Hotel
from hotelmate.telemetry.origins import Origin, coming_from
from tests.resolvers.steps import actor
from tests.server import Server, clean_environment

LOG_IN = {"query": 'mutation { logIn(username: "anna", password: "demo") { token } }'}


@pytest.fixture
def anna(sqlite_database: Database) -> StaffActor:
    return actor(sqlite_database, "demo-anna")


def told(database: Database, *arguments: str) -> Result:
    """What the command says beside that database."""
    environment = {"HOTELMATE_DATABASE_URL": str(database.url)}
    return CliRunner().invoke(app, ["audit", *arguments], env=environment)


def test_entries_are_told_in_their_order_of_one_hotel_or_of_all(
    sqlite_database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    before = datetime.now(UTC)
    with sqlite_database.transaction() as transaction:
        audit.record(transaction, AuditAction.LOG_IN_FAILED, Anonymous(), hotel_id=None)
    with coming_from(Origin("edge-7", "192.0.2.7")), sqlite_database.transaction() as transaction:
        audit.record(
            transaction, AuditAction.SETTINGS_UPDATED, anna, hotel_id=killarney.id, subject="tagline"
        )
    done = told(sqlite_database, "--json")
    failed, changed = [json.loads(line) for line in done.stdout.splitlines()]
    assert before <= datetime.fromisoformat(failed.pop("occurred_at")) <= datetime.now(UTC)
    assert set(failed.values()) == {None, "LOG_IN_FAILED", "ANONYMOUS"}
    changed.pop("occurred_at")
    assert changed == {
        "hotel": "killarney",
        "action": "SETTINGS_UPDATED",
        "actor": "STAFF",
        "staff": "anna",
        "subject": "tagline",
        "address": "192.0.2.7",
        "request_id": "edge-7",
    }
    [line] = told(sqlite_database, "-n", "1").stdout.splitlines()
    words = ["killarney", "SETTINGS_UPDATED", "STAFF", "anna", "tagline", "192.0.2.7", "edge-7"]
    assert line.split("\t")[1:] == words
    assert told(sqlite_database, "--hotel", "killarney").stdout.splitlines() == [line]
    assert told(sqlite_database, "-n", "0").stdout == ""
    nowhere = told(sqlite_database, "--hotel", "cork")
    assert (nowhere.exit_code, "no hotel 'cork'" in nowhere.stderr) == (1, True)


async def test_what_is_done_over_the_network_is_followed(server: Server, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hotelmate", "audit", "--hotel", "killarney", "--json", "--follow"),
        env=clean_environment() | {"HOTELMATE_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None

    async def log_in(request_id: str) -> None:
        sent = {"X-Request-Id": request_id}
        async with (
            aiohttp.ClientSession(server.url, headers=sent) as client,
            client.post("/graphql", json=LOG_IN) as reply,
        ):
            assert "errors" not in await reply.json()

    try:
        await log_in("first")
        async with asyncio.timeout(40):
            first = json.loads(await process.stdout.readline())
            # Now it is at work, and this comes while it follows.
            await log_in("second")
            second = json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()
    assert [entry["request_id"] for entry in (first, second)] == ["first", "second"]
    assert {entry["address"] for entry in (first, second)} == {"127.0.0.1"}
    assert {(entry["action"], entry["staff"]) for entry in (first, second)} == {("LOGGED_IN", "anna")}
