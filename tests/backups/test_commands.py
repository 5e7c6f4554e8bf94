"""`hotelmate db backup` and `db restore` as an operator uses them, around real servers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hotelmate.database import Database
from tests.bridge.pusher_endpoint import PusherEndpoint
from tests.server import Server
from tests.test_cli import assert_one_line, hotelmate

CLOCK = "mutation { toggleClock { action } }"
LAST = "{ events(first: 500) { id seq cursor } }"
SINCE = "query ($after: String!) { events(after: $after) { id seq cursor } }"


async def clock(server: Server, times: int) -> list[dict[str, Any]]:
    """Record so many events; return all of the hotel's."""
    for _ in range(times):
        await server.data(CLOCK, token="demo-anna")
    events: list[dict[str, Any]] = (await server.data(LAST, token="demo-anna"))["events"]
    return events


@pytest.fixture(scope="module")
def endpoint() -> Iterator[PusherEndpoint]:
    with PusherEndpoint.run() as running:
        yield running


# It starts seven processes one after the other, which takes long where the machine is busy.
@pytest.mark.timeout(180)
async def test_a_backup_made_while_serving_is_restored_and_old_cursors_are_told(
    database_url: str, tmp_path: Path, endpoint: PusherEndpoint
) -> None:
    await endpoint.reset()
    environment = {"HOTELMATE_DATABASE_URL": database_url.replace("+psycopg", "")}
    backup = str(tmp_path / "backup")
    async with Server.run(tmp_path / "data", **environment, **endpoint.environment) as server:
        kept = await clock(server, 3)
        await endpoint.received(3)
        done = hotelmate("db", "backup", backup, data_dir=tmp_path / "data", **environment)
        assert (done.returncode, done.stderr) == (0, "")
        forgotten = await clock(server, 2)
        await endpoint.received(5)
        refused = hotelmate("db", "restore", backup, "--yes", data_dir=tmp_path / "data", **environment)
        assert_one_line(refused, names="stop every server first")
        await server.stop()
        done = hotelmate("db", "restore", backup, "--yes", data_dir=tmp_path / "data", **environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert "2 hotels are restored" in done.stdout

        await server.start()
        for event in (*kept, *forgotten):
            answer = await server.execute(SINCE, token="demo-anna", after=event["cursor"])
            assert answer["errors"][0]["extensions"]["code"] == "CURSOR_EXPIRED"
        events = await clock(server, 2)
        assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
        assert [event["id"] for event in events[:3]] == [event["id"] for event in kept]
        assert {event["id"] for event in events[3:]}.isdisjoint(event["id"] for event in forgotten)
        received = await endpoint.received(7)
    ids = {message.payload["meta"]["event_id"] for message in received}
    assert ids == {int(event["id"]) for event in (*forgotten, *events)}


def test_what_holds_hotels_is_replaced_only_when_somebody_says_so(
    sqlite_database: Database, tmp_path: Path
) -> None:
    environment = {"HOTELMATE_DATABASE_URL": str(sqlite_database.url)}
    hotelmate("db", "backup", str(tmp_path / "b"), data_dir=tmp_path, **environment)
    done = hotelmate("db", "restore", str(tmp_path / "b"), data_dir=tmp_path, **environment)
    assert done.returncode == 1
    assert "Replace all 2 hotels in sqlite:///" in done.stderr
    assert "Aborted" in done.stderr


def test_a_program_is_told_in_json(sqlite_database: Database, tmp_path: Path) -> None:
    environment = {"HOTELMATE_DATABASE_URL": str(sqlite_database.url)}
    file = tmp_path / "b"
    done = hotelmate("db", "backup", str(file), "--json", data_dir=tmp_path, **environment)
    assert json.loads(done.stdout) == {"file": str(file), "bytes": file.stat().st_size}
    sqlite_database.close()
    done = hotelmate("db", "restore", str(file), "--yes", "--json", data_dir=tmp_path, **environment)
    assert json.loads(done.stdout) == {"hotels": 2}
