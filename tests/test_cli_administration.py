"""Hotels, staff, tokens and the log from the command line, as somebody without the demo begins."""

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotelmate.cli import app
from hotelmate.database import Database, take_turn
from hotelmate.events import log
from hotelmate.events.catalogue import BookingCreated, GalleryReordered
from hotelmate.models import BookingStatus
from tests.server import Server

runner = CliRunner()


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings that name an empty database of this version."""
    for name in [name for name in os.environ if name.startswith(("HOTELMATE_", "PUSHER_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOTELMATE_DATA_DIR", str(tmp_path))
    assert hotelmate("db", "upgrade").exit_code == 0


def hotelmate(*arguments: str, password: str | None = None) -> Result:
    return runner.invoke(app, arguments, env={"HOTELMATE_NEW_PASSWORD": password} if password else None)


def objects(done: Result) -> list[dict[str, object]]:
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def refusal(done: Result) -> str:
    assert done.exit_code == 1
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.usefixtures("empty")
def test_a_hotel_and_its_staff_are_made_and_listed() -> None:
    [made] = objects(
        hotelmate("hotel", "create", "cork", "Hotel Cork", "--timezone", "Europe/Dublin", "--json")
    )
    assert made == {
        "id": 1,
        "slug": "cork",
        "name": "Hotel Cork",
        "timezone": "Europe/Dublin",
        "is_active": True,
        "seq": 0,
    }
    assert objects(hotelmate("hotel", "list", "--json")) == [made]
    [staff] = objects(
        hotelmate("staff", "create", "cork", "dora", "Dora", "Daly", "--json", password="longenough")
    )
    assert staff == {
        "id": 1,
        "username": "dora",
        "first_name": "Dora",
        "last_name": "Daly",
        "is_on_duty": False,
        "is_active": True,
    }
    assert objects(hotelmate("staff", "list", "cork", "--json")) == [staff]
    assert hotelmate("hotel", "list").stdout == "1\tcork\tHotel Cork\tEurope/Dublin\tyes\t0\n"


@pytest.mark.usefixtures("empty")
def test_staff_are_removed_and_taken_back() -> None:
    hotelmate("hotel", "create", "cork", "Hotel Cork")
    [dora] = objects(
        hotelmate("staff", "create", "cork", "dora", "Dora", "Daly", "--json", password="longenough")
    )
    hotelmate("staff", "token", "dora")
    assert hotelmate("staff", "remove", "dora").stdout == "dora is off the staff; 1 sessions were ended.\n"
    assert objects(hotelmate("staff", "remove", "dora", "--json")) == [
        {"username": "dora", "sessions_ended": 0, "clocked_out": False}
    ]
    assert objects(hotelmate("staff", "list", "cork", "--json")) == [dora | {"is_active": False}]
    assert "staff restore dora" in refusal(hotelmate("staff", "token", "dora"))
    assert "dora" in refusal(
        hotelmate("staff", "create", "cork", "dora", "Another", "D", password="longenough")
    )
    assert objects(hotelmate("staff", "restore", "dora", "--json")) == [dora]
    assert "dora" in refusal(hotelmate("staff", "restore", "dora"))
    assert "erik" in refusal(hotelmate("staff", "remove", "erik"))


@pytest.mark.usefixtures("empty")
def test_what_cannot_be_made_is_refused_in_one_line_and_nothing_is_made() -> None:
    assert "letters, digits" in refusal(hotelmate("hotel", "create", "co rk", "Hotel"))
    assert "Europe/Dublin" in refusal(hotelmate("hotel", "create", "cork", "Hotel", "--timezone", "Mars/One"))
    assert hotelmate("hotel", "list").stdout == ""
    hotelmate("hotel", "create", "cork", "Hotel Cork")
    assert "cork" in refusal(hotelmate("hotel", "create", "cork", "Another"))
    assert "8 characters" in refusal(hotelmate("staff", "create", "cork", "dora", "D", "D", password="short"))
    assert "nowhere" in refusal(hotelmate("staff", "create", "nowhere", "d", "D", "D", password="longenough"))
    assert hotelmate("staff", "list", "cork").stdout == ""
    hotelmate("staff", "create", "cork", "dora", "Dora", "Daly", password="longenough")
    assert "dora" in refusal(
        hotelmate("staff", "create", "cork", "dora", "Dora", "Again", password="longenough")
    )
    assert "HOTELMATE_NEW_PASSWORD" in refusal(hotelmate("staff", "create", "cork", "erik", "Erik", "E"))
    assert "erik" in refusal(hotelmate("staff", "token", "erik"))
    assert "BK-2026-0001" in refusal(hotelmate("booking", "token", "BK-2026-0001"))


@pytest.mark.usefixtures("empty")
def test_a_hotel_is_renamed_and_moved() -> None:
    [cork] = objects(hotelmate("hotel", "create", "cork", "Cork", "--json"))
    hotelmate("hotel", "create", "bantry", "Hotel Bantry")
    changes = ("--name", "Hotel Cork", "--timezone", "Europe/Dublin", "--sort-order", "-1")
    assert objects(hotelmate("hotel", "change", "cork", *changes, "--json")) == [
        cork | {"name": "Hotel Cork", "timezone": "Europe/Dublin"}
    ]
    assert [row["slug"] for row in objects(hotelmate("hotel", "list", "--json"))] == ["cork", "bantry"]
    assert "Europe/Dublin" in refusal(hotelmate("hotel", "change", "cork", "--timezone", "Mars/One"))
    assert "nowhere" in refusal(hotelmate("hotel", "change", "nowhere", "--name", "N"))


@pytest.mark.usefixtures("empty")
def test_room_types_and_rooms_are_made_changed_and_listed() -> None:
    hotelmate("hotel", "create", "cork", "Hotel Cork")
    described = ("--guests", "3", "--description", "A quiet room.", "--sort-order", "1")
    [double] = objects(hotelmate("room-type", "create", "cork", "double", "Double", *described, "--json"))
    assert double == {
        "id": 1,
        "code": "double",
        "name": "Double",
        "max_occupancy": 3,
        "sort_order": 1,
        "short_description": "A quiet room.",
    }
    assert objects(hotelmate("room", "create", "cork", "double", "10", "9", "--json")) == [
        {"id": 1, "number": "10", "room_type": "double"},
        {"id": 2, "number": "9", "room_type": "double"},
    ]
    hotelmate("room-type", "create", "cork", "suite", "Suite")
    changed = objects(
        hotelmate("room-type", "change", "cork", "double", "--code", "twin", "--guests", "2", "--json")
    )
    assert changed == [double | {"code": "twin", "max_occupancy": 2}]
    listed = objects(hotelmate("room-type", "list", "cork", "--json"))
    assert [row["code"] for row in listed] == ["suite", "twin"]
    assert hotelmate("room", "list", "cork").stdout == "2\t9\ttwin\n1\t10\ttwin\n"
    assert hotelmate("room", "renumber", "cork", "9", "11").stdout == "Room 9 is 11 now.\n"
    assert hotelmate("room", "list", "cork").stdout == "1\t10\ttwin\n2\t11\ttwin\n"


@pytest.mark.usefixtures("empty")
def test_rooms_that_cannot_be_made_are_refused_in_one_line_and_none_is_made() -> None:
    hotelmate("hotel", "create", "cork", "Hotel Cork")
    hotelmate("room-type", "create", "cork", "double", "Double")
    hotelmate("room-type", "create", "cork", "suite", "Suite")
    hotelmate("room", "create", "cork", "double", "101")
    for arguments, told in (
        (("room-type", "create", "nowhere", "suite", "Suite"), "nowhere"),
        (("room-type", "create", "cork", "a suite", "Suite"), "letters, digits"),
        (("room-type", "create", "cork", "suite", "Another"), "suite"),
        (("room-type", "change", "cork", "double", "--code", "suite"), "suite"),
        (("room-type", "change", "cork", "triple", "--guests", "3"), "hotelmate room-type list cork"),
        (("room", "create", "nowhere", "double", "1"), "nowhere"),
        (("room", "create", "cork", "triple", "1"), "hotelmate room-type list cork"),
        (("room", "create", "cork", "double", "102", "101"), "101"),
        (("room", "create", "cork", "double", "103", "103"), "103"),
        (("room", "create", "cork", "double", " "), "empty"),
        (("room", "renumber", "cork", "104", "105"), "hotelmate room list cork"),
        (("room", "renumber", "cork", "101", "101"), "101"),
    ):
        assert told in refusal(hotelmate(*arguments)), arguments
    assert hotelmate("room", "list", "cork").stdout == "1\t101\tdouble\n"
    types = objects(hotelmate("room-type", "list", "cork", "--json"))
    assert [(row["code"], row["name"]) for row in types] == [("double", "Double"), ("suite", "Suite")]


async def test_rooms_that_are_made_beside_a_server_can_be_booked(server: Server, tmp_path: Path) -> None:
    def command(*arguments: str) -> Result:
        return runner.invoke(app, arguments, env={"HOTELMATE_DATA_DIR": str(tmp_path / "data")})

    [loft] = objects(command("room-type", "create", "killarney", "loft", "Loft", "--json"))
    [room] = objects(command("room", "create", "killarney", "loft", "401", "--json"))
    made = await server.data(
        "mutation ($input: BookingInput!) {"
        ' createBooking(hotelSlug: "killarney", input: $input) { booking { id roomType { name } } } }',
        input={
            "roomTypeId": str(loft["id"]),
            "guestName": "Ada",
            "guestEmail": "ada@guests.example",
            "arrival": "2040-06-15",
            "departure": "2040-06-17",
        },
    )
    booking = made["createBooking"]["booking"]
    assert booking["roomType"] == {"name": "Loft"}
    assigned = await server.data(
        "mutation ($id: ID!, $room: ID!) { assignRoom(id: $id, roomId: $room) { room { number } } }",
        token="demo-anna",
        id=booking["id"],
        room=str(room["id"]),
    )
    assert assigned == {"assignRoom": {"room": {"number": "401"}}}
    assert "401" in refusal(command("room", "renumber", "killarney", "401", "402"))


def test_a_database_of_another_version_asks_for_the_upgrade(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOTELMATE_DATA_DIR", str(tmp_path))
    assert "hotelmate db upgrade" in refusal(hotelmate("hotel", "list"))


async def test_tokens_and_passwords_open_what_they_should(server: Server, tmp_path: Path) -> None:
    """Against a running server, on the same database."""
    environment = {"HOTELMATE_DATA_DIR": str(tmp_path / "data"), "HOTELMATE_NEW_PASSWORD": "a new password"}

    def command(*arguments: str) -> Result:
        return runner.invoke(app, arguments, env=environment)

    [issued] = objects(command("staff", "token", "anna", "--days", "1", "--json"))
    viewer = "{ viewer { ... on Staff { firstName } ... on Guest { booking { id } } } }"
    assert (await server.data(viewer, token=str(issued["token"])))["viewer"] == {"firstName": "Anna"}
    bookings = "{ bookings(first: 1) { edges { node { id } } } }"
    reference = (await server.data(bookings, token="demo-anna"))["bookings"]["edges"][0]["node"]["id"]
    guest_token = command("booking", "token", reference).stdout.strip()
    assert objects(command("booking", "token", reference, "--json")) == [
        {"booking": reference, "token": guest_token}
    ]
    assert (await server.data(viewer, token=guest_token))["viewer"] == {"booking": {"id": reference}}

    changed = command("staff", "password", "anna")
    assert changed.stdout == "The password of anna is changed; 2 sessions were ended.\n"
    again = command("staff", "password", "anna", "--json")
    assert objects(again) == [{"username": "anna", "sessions_ended": 0}]
    async with asyncio.timeout(20):
        # What a server knew of a moment ago is not asked for anew by each request.
        while (await server.data(viewer, token="demo-anna"))["viewer"] is not None:
            await asyncio.sleep(0.05)
    log_in = 'mutation { logIn(username: "anna", password: "a new password") { staff { firstName } } }'
    assert (await server.data(log_in))["logIn"] == {"staff": {"firstName": "Anna"}}


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch, sqlite_database: Database, tmp_path: Path) -> None:
    """Settings that name a demo database in which five things have happened."""
    monkeypatch.setenv("HOTELMATE_DATABASE_URL", f"sqlite:///{tmp_path / 'hotelmate.sqlite3'}")
    with sqlite_database.transaction() as transaction:
        hotel = take_turn(transaction, 1)
        for number in range(1, 5):
            data = GalleryReordered(gallery=(f"/{number}",))
            log.record(transaction, hotel, data, at=datetime(2026, 3, number, tzinfo=UTC))
        made = BookingCreated(booking_id="BK-2026-0099", status=BookingStatus.PENDING_PAYMENT)
        log.record(transaction, hotel, made, at=datetime(2026, 3, 5, tzinfo=UTC))


@pytest.mark.usefixtures("clocked")
def test_events_are_listed_filtered_and_exported(tmp_path: Path) -> None:
    listed = objects(hotelmate("events", "list", "killarney", "--json", "--after", "1", "--limit", "2"))
    assert [event["seq"] for event in listed] == [2, 3]
    assert listed[0]["data"] == {"gallery": ["/2"]}
    [booked] = hotelmate("events", "list", "killarney", "--type", "BookingCreated").stdout.splitlines()
    assert booked.split("\t") == [
        "5",
        "2026-03-05T00:00:00+00:00",
        "BookingCreated",
        '{"booking_id":"BK-2026-0099","status":"PENDING_PAYMENT"}',
    ]
    assert hotelmate("events", "export", "killarney", "--to", str(tmp_path / "events.jsonl")).exit_code == 0
    exported = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["seq"] for event in exported] == [1, 2, 3, 4, 5]
    assert set(exported[0]) == {"id", "hotel", "seq", "cursor", "occurred_at", "type", "data"}


@pytest.mark.usefixtures("clocked")
def test_an_export_into_a_file_prints_nothing_and_makes_it_also_when_there_is_nothing(tmp_path: Path) -> None:
    file = tmp_path / "dublin.jsonl"
    done = hotelmate("events", "export", "dublin", "--to", str(file))
    assert (done.exit_code, done.output, file.read_text()) == (0, "", "")
    refused = hotelmate("events", "export", "dublin", "--to", str(tmp_path / "nowhere" / "dublin.jsonl"))
    assert refused.exit_code == 2
    assert "No such file or directory" in refused.stderr


@pytest.mark.usefixtures("clocked")
@pytest.mark.parametrize("command", ["list", "tail", "export"])
def test_a_type_of_event_that_there_is_not_is_refused_with_those_that_there_are(command: str) -> None:
    done = hotelmate("events", command, "killarney", "--type", "OfferMade")
    assert done.exit_code == 2
    assert "there is no type 'OfferMade'; there are ClockStatusUpdated, OfferCreated, " in done.stderr
    assert "EventData" not in done.stderr


def test_a_setting_that_is_wrong_is_told_in_one_line(tmp_path: Path) -> None:
    """By each command, whatever it needs the settings for."""
    for command in (
        ("booking", "token", "BK-2026-0001"),
        ("hotel", "list"),
        ("deliveries", "status"),
        ("media", "gc"),
        ("audit",),
        ("verify",),
        ("events", "list", "killarney"),
        ("db", "backup", "file"),
        ("staff", "list", "killarney"),
        ("serve",),
    ):
        done = runner.invoke(app, command, env={"HOTELMATE_DATABASE_URL": "mysql://somewhere/x"})
        assert "HOTELMATE_DATABASE_URL" in refusal(done), command


def test_nobody_is_asked_to_replace_hotels_by_a_backup_that_is_not_there(tmp_path: Path) -> None:
    done = hotelmate("db", "restore", str(tmp_path / "nothing"))
    assert done.exit_code == 2
    assert "does not exist" in done.stderr
    assert "Replace" not in done.output


async def test_tail_follows_what_happens(server: Server, tmp_path: Path) -> None:
    await server.data("mutation { toggleClock { action } }", token="demo-anna")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hotelmate", "events", "tail", "killarney", "--json"),
        env=os.environ | {"HOTELMATE_DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            assert json.loads(await process.stdout.readline())["seq"] == 1
            await server.data("mutation { toggleClock { action } }", token="demo-anna")
            followed = json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()
    assert (followed["seq"], followed["type"]) == (2, "ClockStatusUpdated")


@pytest.mark.usefixtures("clocked")
@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (100, "│ killarney │ 0         │ 5      │ 5       │"),
        (80, "hotel                   killarney\r\ndelivered               0\r\n"),
    ],
)
def test_a_list_on_a_narrow_terminal_can_be_read(width: int, expected: str) -> None:
    seen = on_a_terminal("deliveries", "status", width=width)
    assert expected in seen
    assert max(map(len, seen.splitlines())) <= width


@pytest.mark.usefixtures("clocked")
def test_events_on_a_terminal_are_for_people() -> None:
    seen = on_a_terminal("events", "list", "killarney", "--type", "BookingCreated", width=200)
    assert "BookingCreated booking_id: BK-2026-0099, status: PENDING_PAYMENT" in seen


def on_a_terminal(*arguments: str, width: int) -> str:
    """Return what somebody sees who runs the command on a terminal so wide."""
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "hotelmate", *arguments]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": str(width)}
    with subprocess.Popen(command, env=environment, stdin=end, stdout=end, stderr=end) as process:
        os.close(end)
        seen = b""
        with suppress(OSError):  # which is how a terminal says that nobody is at its other end
            while some := os.read(terminal, 65536):
                seen += some
    os.close(terminal)
    assert process.returncode == 0, seen
    return re.sub(r"\x1b\[[\d;]*m", "", seen.decode())
