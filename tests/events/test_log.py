"""The log counts each hotel's events without a gap, and what was recorded can be read again."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from hotelmate.database import Database, Transaction, take_turn
from hotelmate.errors import BadUserInput, CursorExpired
from hotelmate.events import log
from hotelmate.events.catalogue import GalleryReordered
from hotelmate.events.cursor import Cursor
from hotelmate.models import BridgeCursor, DeadLetter, EventRecord, Hotel

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def record(transaction: Transaction, hotel_id: int, *urls: str, at: datetime = NOW) -> list[log.Event]:
    hotel = take_turn(transaction, hotel_id)
    return [log.record(transaction, hotel, GalleryReordered(gallery=(url,)), at=at) for url in urls]


def seqs(database: Database, hotel: Hotel, *, after: int = 0) -> list[int]:
    with database.reading() as reading:
        return [event.seq for event in log.read(reading, hotel.id, after=after, limit=10_000)]


def test_numbers_count_each_hotel_by_itself_from_one(
    database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    with database.transaction() as transaction:
        record(transaction, killarney.id, "/a", "/b")
    with database.transaction() as transaction:
        record(transaction, dublin.id, "/c")
    assert seqs(database, killarney) == [1, 2]
    assert seqs(database, dublin) == [1]


def test_what_is_recorded_is_read_back_whole(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        [recorded] = record(transaction, killarney.id, "/a")
    with database.reading() as reading:
        [found] = log.read(reading, killarney.id, after=0, limit=10)
        assert log.get(reading, [found.id, 999_999]) == {found.id: found}
    assert found == recorded
    assert found.data == GalleryReordered(gallery=("/a",))
    assert (found.type, found.hotel_slug, found.occurred_at) == ("GalleryReordered", "killarney", NOW)


def test_a_change_that_is_rolled_back_leaves_no_event_and_no_gap(
    database: Database, killarney: Hotel
) -> None:
    announced: list[object] = []
    database.on_commit(announced.extend)
    with pytest.raises(ZeroDivisionError), database.transaction() as transaction:
        record(transaction, killarney.id, "/never")
        raise ZeroDivisionError
    assert announced == []
    with database.transaction() as transaction:
        record(transaction, killarney.id, "/first")
        assert announced == [], "nothing leaves before the commit"
    assert seqs(database, killarney) == [1]
    assert [event.seq for event in announced if isinstance(event, log.Event)] == [1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_concurrent_writers_leave_no_gap_and_a_reader_sees_numbers_in_order(
    database: Database, killarney: Hotel, seed: int
) -> None:
    print(f"seed {seed}")
    chances = random.Random(seed)
    writers, writes = 6, 15
    fails = {
        (writer, write) for writer in range(writers) for write in range(writes) if chances.random() < 0.2
    }
    seen: list[int] = []
    done = threading.Event()

    def write_all(writer: int) -> None:
        for write in range(writes):
            try:
                with database.transaction() as transaction:
                    record(transaction, killarney.id, f"/{writer}/{write}")
                    if (writer, write) in fails:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue

    def follow() -> None:
        finished = False
        while not finished:
            finished = done.is_set()
            seen.extend(seqs(database, killarney, after=seen[-1] if seen else 0))

    reader = threading.Thread(target=follow)
    threads = [threading.Thread(target=write_all, args=(writer,)) for writer in range(writers)]
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert seen == list(range(1, writers * writes - len(fails) + 1))


def test_the_database_itself_refuses_a_number_a_second_time(database: Database, killarney: Hotel) -> None:
    with pytest.raises(IntegrityError), database.transaction() as transaction:
        record(transaction, killarney.id, "/a")
        transaction.add(
            EventRecord(hotel_id=killarney.id, seq=1, type="GalleryReordered", data="{}", occurred_at=NOW)
        )
        transaction.flush()


def position(database: Database, hotel: Hotel, after: str | None) -> int:
    with database.reading() as reading:
        return log.position(reading, reading.exec(select(Hotel).where(Hotel.id == hotel.id)).one(), after)


def test_without_a_cursor_the_place_is_where_the_log_stands(database: Database, killarney: Hotel) -> None:
    assert position(database, killarney, None) == 0
    with database.transaction() as transaction:
        record(transaction, killarney.id, "/a", "/b")
    assert position(database, killarney, None) == 2


def test_a_cursor_is_the_place_after_its_event(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        first, _ = record(transaction, killarney.id, "/a", "/b")
    assert position(database, killarney, first.cursor) == 1
    assert position(database, killarney, str(Cursor(killarney.epoch, 0))) == 0


@pytest.mark.parametrize("text", ["", "1", "not a cursor", "OjE=", "ü", "YTox\n", "YTotMQ" * 40])
def test_what_was_never_a_cursor_is_bad_input(database: Database, killarney: Hotel, text: str) -> None:
    with pytest.raises((BadUserInput, CursorExpired)) as refused:
        position(database, killarney, text)
    if isinstance(refused.value, BadUserInput):
        assert refused.value.field == "after"


def test_a_cursor_from_another_history_or_from_the_future_has_expired(
    database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    for cursor in (Cursor("restored", 0), Cursor(dublin.epoch, 0), Cursor(killarney.epoch, 1)):
        with pytest.raises(CursorExpired):
            position(database, killarney, str(cursor))


def deliver(database: Database, hotel: Hotel, seq: int) -> None:
    with database.transaction() as transaction:
        transaction.merge(BridgeCursor(hotel_id=hotel.id, delivered_seq=seq))


def prune(database: Database, hotel: Hotel, before: datetime) -> int:
    with database.transaction() as transaction:
        return log.prune(transaction, take_turn(transaction, hotel.id), before=before)


def test_pruning_removes_what_is_old_and_expires_the_cursors_before_it(
    database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    with database.transaction() as transaction:
        record(transaction, dublin.id, "/other", at=NOW)
        events = record(transaction, killarney.id, "/a", "/b", at=NOW)
        events += record(transaction, killarney.id, "/c", at=NOW + timedelta(days=2))
    deliver(database, killarney, 3)
    assert prune(database, killarney, NOW + timedelta(days=1)) == 2
    assert seqs(database, killarney) == [3]
    assert seqs(database, dublin) == [1]
    assert position(database, killarney, events[1].cursor) == 2
    with pytest.raises(CursorExpired):
        position(database, killarney, events[0].cursor)


def test_pruning_everything_keeps_the_newest_cursor_valid_and_the_count_going(
    database: Database, killarney: Hotel
) -> None:
    with database.transaction() as transaction:
        first, last = record(transaction, killarney.id, "/a", "/b")
    deliver(database, killarney, 2)
    assert prune(database, killarney, NOW + timedelta(days=1)) == 2
    assert position(database, killarney, last.cursor) == 2
    with pytest.raises(CursorExpired):
        position(database, killarney, first.cursor)
    with database.transaction() as transaction:
        assert [event.seq for event in record(transaction, killarney.id, "/c")] == [3]


def test_pruning_keeps_what_the_bridge_has_not_delivered_and_what_dead_letters_name(
    database: Database, killarney: Hotel
) -> None:
    with database.transaction() as transaction:
        events = record(transaction, killarney.id, "/a", "/b", "/c", "/d")
    assert prune(database, killarney, NOW + timedelta(days=1)) == 0, "nothing has been delivered"
    deliver(database, killarney, 3)
    with database.transaction() as transaction:
        transaction.add(
            DeadLetter(
                hotel_id=killarney.id,
                event_id=events[1].id,
                channel="hotel-killarney",
                event_name="gallery-reordered",
                error="413",
                failed_at=NOW,
            )
        )
    assert prune(database, killarney, NOW + timedelta(days=1)) == 1
    assert seqs(database, killarney) == [2, 3, 4]


def test_pruning_notes_up_to_when_the_log_may_have_lost_its_beginning(
    database: Database, killarney: Hotel
) -> None:
    made = killarney.log_complete_after
    with database.transaction() as transaction:
        for path, hours in (("/a", 2), ("/b", 1), ("/c", 48)):
            record(transaction, killarney.id, path, at=made + timedelta(hours=hours))
    prune(database, killarney, made + timedelta(days=1))
    assert complete_after(database, killarney) == made, "nothing was removed"
    deliver(database, killarney, 3)
    prune(database, killarney, made + timedelta(days=1))
    assert complete_after(database, killarney) == made + timedelta(hours=2)


def complete_after(database: Database, hotel: Hotel) -> datetime:
    with database.reading() as reading:
        return reading.get_one(Hotel, hotel.id).log_complete_after


def test_numbers_go_on_after_the_counter_moved_in_another_process(
    database: Database, killarney: Hotel
) -> None:
    with database.transaction() as transaction:
        record(transaction, killarney.id, "/a")
    stale = Database(database.url.render_as_string(hide_password=False))
    with stale.transaction() as transaction:
        assert [event.seq for event in record(transaction, killarney.id, "/b")] == [2]
    stale.close()
    with database.transaction() as transaction:
        transaction.exec(update(Hotel).where(col(Hotel.id) == killarney.id).values(name="Renamed"))
        assert [event.seq for event in record(transaction, killarney.id, "/c")] == [3]
