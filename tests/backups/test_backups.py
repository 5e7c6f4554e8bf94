"""What a backup holds, where it can be put back, and what is different afterwards."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from hotelmate import migrations
from hotelmate.backups import sqlite_files
from hotelmate.backups.backup import back_up
from hotelmate.backups.errors import BackupError
from hotelmate.backups.restore import adopt, restore
from hotelmate.bridge import cursors
from hotelmate.database import Database
from hotelmate.errors import CursorExpired
from hotelmate.events import log
from hotelmate.models import BridgeCursor, DeadLetter, EventRecord, Hotel
from tests.bridge.helpers import cursor_of, deletion, record, record_each
from tests.databases import Rows, rows_of

NOW = datetime.now(UTC)

# What a new history changes: epochs tell cursors apart, names are not given twice, nobody holds a lease.
ITS_OWN = {
    "booking_number": {"year", "last"},
    "hotel": {"epoch"},
    "bridge_cursor": {"lease_owner", "lease_token", "lease_until", "next_try_at", "attempts", "last_error"},
}


def quietly(_done: int, _total: int) -> None:
    """Show no progress."""


@pytest.fixture
def busy(database: Database, killarney: Hotel) -> Database:
    """A database with events, of which Pusher has had two and refused one, and a lease that is held."""
    events = record(database, killarney, *[deletion(f"Offer {number}") for number in range(5)])
    with database.transaction() as transaction:
        letter = {"channel": "hotel-killarney", "event_name": "offer-deleted", "error": "413"}
        transaction.add(DeadLetter(hotel_id=1, event_id=events[1].id, failed_at=NOW, queued_at=NOW, **letter))
        held = {"lease_owner": "somebody", "lease_token": 7, "lease_until": NOW + timedelta(minutes=1)}
        put_off = {"attempts": 3, "next_try_at": NOW + timedelta(minutes=1), "last_error": "503"}
        transaction.add(BridgeCursor(hotel_id=1, delivered_seq=2, **held, **put_off))
    return database


def test_a_backup_goes_back_into_either_kind_of_database(
    busy: Database, empty_database: Database, tmp_path: Path
) -> None:
    back_up(busy, tmp_path / "backup", progress=quietly)
    restore(empty_database, tmp_path / "backup", progress=quietly)
    assert migrations.current(empty_database) == migrations.newest()
    before, after = rows_of(busy.engine), rows_of(empty_database.engine)
    assert without(after, ITS_OWN) == without(before, ITS_OWN)
    [counted] = before["booking_number"]
    assert counted["last"] == 12
    assert {"year": counted["year"], "last": 10_012} in after["booking_number"]
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("backup")] == ["backup"]


def without(rows: Rows, columns: dict[str, set[str]]) -> Rows:
    return {
        table: [
            {name: value for name, value in row.items() if name not in columns.get(table, set())}
            for row in of_table
        ]
        for table, of_table in rows.items()
    }


def test_a_backup_is_of_one_moment_while_others_write(
    database: Database, killarney: Hotel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "_PAGES_AT_ONCE", 5)
    record_each(database, killarney, 20)
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            record(database, killarney, deletion("x" * 2000))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(2):
            back_up(database, tmp_path / str(number), progress=quietly)
    finally:
        is_over.set()
        writing.join()
    seqs = []
    for number in range(2):
        backup = Database(f"sqlite:///{tmp_path / str(number)}")
        with backup.reading() as reading:
            seq = reading.get_one(Hotel, killarney.id).seq
            recorded = reading.exec(select(EventRecord.seq).order_by(col(EventRecord.seq))).all()
        backup.close()
        assert recorded == list(range(1, seq + 1))
        seqs.append(seq)
    assert seqs[0] < seqs[-1], "somebody wrote meanwhile"


def test_a_backup_ends_although_somebody_writes_after_each_step_of_it(
    sqlite_database: Database, killarney: Hotel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "_PAGES_AT_ONCE", 10)
    steps: list[int] = []

    def write(done: int, _total: int) -> None:
        steps.append(done)
        assert steps == sorted(steps), "it has begun anew"
        record(sqlite_database, killarney)

    back_up(sqlite_database, tmp_path / "backup", progress=write)
    assert len(steps) > 3


@pytest.fixture
def restored(busy: Database, killarney: Hotel, tmp_path: Path) -> Iterator[Database]:
    """That database, put back after three more events were recorded and forgotten."""
    back_up(busy, tmp_path / "backup", progress=quietly)
    record_each(busy, killarney, 3)
    restore(busy, tmp_path / "backup", progress=quietly)
    return busy


def test_cursors_from_before_a_restore_are_refused(busy: Database, killarney: Hotel, tmp_path: Path) -> None:
    kept = record(busy, killarney)[0].cursor
    back_up(busy, tmp_path / "backup", progress=quietly)
    forgotten = record(busy, killarney)[0].cursor
    restore(busy, tmp_path / "backup", progress=quietly)
    afterwards = record(busy, killarney)[0]
    with busy.reading() as reading:
        hotel = reading.get_one(Hotel, killarney.id)
        assert hotel.seq == afterwards.seq == 7
        for cursor in (kept, forgotten):
            with pytest.raises(CursorExpired):
                log.position(reading, hotel, cursor)
        assert log.position(reading, hotel, afterwards.cursor) == 7


def test_an_event_id_does_not_come_back_after_a_restore(
    busy: Database, killarney: Hotel, tmp_path: Path
) -> None:
    back_up(busy, tmp_path / "backup", progress=quietly)
    forgotten = record(busy, killarney)[0].id
    for _ in range(2):
        restore(busy, tmp_path / "backup", progress=quietly)
        newer = record(busy, killarney)[0].id
        assert newer - forgotten > 1_000_000_000
        assert newer < 2**53, "JavaScript can count so far"
        forgotten = newer


def test_nobody_holds_a_lease_from_before_a_restore(restored: Database, killarney: Hotel) -> None:
    row = cursor_of(restored, killarney)
    assert (row.delivered_seq, row.lease_owner, row.lease_until) == (2, None, None)
    assert (row.attempts, row.next_try_at, row.last_error) == (0, None, None)
    until = NOW + timedelta(seconds=8)
    of_before = cursors.Lease(killarney.id, token=8, delivered_seq=2, until=until)
    with restored.transaction() as transaction:
        assert cursors.take(transaction, hotel_id=1, owner="new", at=NOW, until=until) is not None
        with pytest.raises(cursors.LeaseLost):
            cursors.move(transaction, of_before, to=5, until=until)


def test_adopting_what_another_tool_restored_begins_a_new_history_too(
    busy: Database, killarney: Hotel
) -> None:
    event = record(busy, killarney)[0]
    adopt(busy)
    with busy.reading() as reading, pytest.raises(CursorExpired):
        log.position(reading, reading.get_one(Hotel, killarney.id), event.cursor)
    newer = record(busy, killarney)[0]
    assert newer.seq == event.seq + 1
    assert newer.id - event.id > 1_000_000_000
    assert cursor_of(busy, killarney).lease_owner is None


def test_nothing_is_restored_under_a_server(busy: Database, killarney: Hotel, tmp_path: Path) -> None:
    back_up(busy, tmp_path / "backup", progress=quietly)
    [event] = record(busy, killarney)
    of_a_server = Database(busy.url.render_as_string(hide_password=False))
    with of_a_server.reading() as reading:
        reading.exec(select(Hotel.id)).all()
    for attempt in (lambda: restore(busy, tmp_path / "backup", progress=quietly), lambda: adopt(busy)):
        with pytest.raises(BackupError, match="stop every server first"):
            attempt()
    of_a_server.close()
    with busy.reading() as reading:
        hotel = reading.get_one(Hotel, killarney.id)
        assert log.position(reading, hotel, event.cursor) == 6, "nothing has changed"


def test_a_restore_that_breaks_off_changes_nothing(
    busy: Database, killarney: Hotel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(busy, tmp_path / "backup", progress=quietly)
    record(busy, killarney)
    before = rows_of(busy.engine)
    monkeypatch.setattr(sqlite_files, "_PAGES_AT_ONCE", 5)

    def break_off(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(busy, tmp_path / "backup", progress=break_off)
    assert rows_of(busy.engine) == before
    record(busy, killarney)


def test_a_backup_from_before_an_upgrade_is_upgraded_as_it_is_restored(
    database: Database, tmp_path: Path
) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    migrations.upgrade(old, "0001")
    with old.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO hotel (slug, name, is_active, sort_order, timezone, seq, epoch)"
            " VALUES ('cork', 'Hotel Cork', true, 0, 'UTC', 0, 'ab12cd34')"
        )
    back_up(old, tmp_path / "backup", progress=quietly)
    old.close()
    restore(database, tmp_path / "backup", progress=quietly)
    assert migrations.current(database) == migrations.newest()
    with database.reading() as reading:
        assert [hotel.slug for hotel in reading.exec(select(Hotel))] == ["cork"]
        assert reading.exec(select(func.count()).select_from(EventRecord)).one() == 0


def test_a_copy_of_the_files_of_a_server_that_died_is_a_backup_too(
    sqlite_database: Database, killarney: Hotel, tmp_path: Path
) -> None:
    record(sqlite_database, killarney)
    path = Path(sqlite_database.url.database or "")
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{tmp_path / 'copy'}{suffix}")
    restored = Database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    restore(restored, tmp_path / "copy", progress=quietly)
    with restored.reading() as reading:
        assert reading.get_one(Hotel, killarney.id).seq == 1
    restored.close()


def test_what_is_no_backup_is_not_restored(database: Database, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear guests, " * 1000)
    (tmp_path / "empty").touch()
    back_up(database, tmp_path / "torn", progress=quietly)
    with (tmp_path / "torn").open("r+b") as torn:
        torn.truncate(100_000)
    before = rows_of(database.engine)
    for name, reason in {
        "nowhere": "no file",
        "letter": "no sound database",
        "empty": "no backup",
        "torn": "no sound database",
    }.items():
        with pytest.raises(BackupError, match=reason):
            restore(database, tmp_path / name, progress=quietly)
    assert rows_of(database.engine) == before


def test_a_backup_replaces_no_file_and_leaves_none_that_is_not_whole(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(BackupError, match="is there already"):
        back_up(database, tmp_path / "kept", progress=quietly)
    assert (tmp_path / "kept").read_text() == "mine"
    with pytest.raises(BackupError, match="no folder"):
        back_up(database, tmp_path / "nowhere" / "backup", progress=quietly)
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(BackupError, match="nothing to back up"):
        back_up(empty, tmp_path / "backup", progress=quietly)
    empty.close()
    assert not (tmp_path / "backup").exists()
    assert not list(tmp_path.glob("*.part*"))
