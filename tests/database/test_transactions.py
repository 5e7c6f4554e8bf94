"""Transactions, turns, and the rules that the database itself keeps."""

import stat
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, SQLModel, select

from hotelmate.database import (
    Database,
    DatabaseUnavailable,
    announce,
    savepoint,
    take_turn,
    take_turn_with_staff,
    turn_held,
)
from hotelmate.errors import OutcomeUnknown, Unavailable
from hotelmate.models import (
    Booking,
    BookingStatus,
    GalleryImage,
    Hotel,
    HotelSettings,
    Offer,
    Room,
    RoomNight,
    RoomType,
    Shift,
    Staff,
    User,
)
from tests.databases import SeededPostgresql

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def refuse(database: Database, *rows: SQLModel) -> None:
    with pytest.raises(IntegrityError), database.transaction() as transaction:
        transaction.add_all(rows)
        transaction.flush()


Row = TypeVar("Row", Staff, Room, RoomType, GalleryImage, Booking)


def one(database: Database, kind: type[Row], hotel: Hotel) -> Row:
    with database.reading() as reading:
        return reading.exec(select(kind).where(kind.hotel_id == hotel.id).limit(1)).one()


def booking(hotel: Hotel, room_type: RoomType, **values: object) -> Booking:
    given = {
        "reference": "BK-2026-9999",
        "hotel_id": hotel.id,
        "room_type_id": room_type.id,
        "guest_name": "A",
        "guest_email": "a@b.c",
        "arrival": date(2026, 3, 1),
        "departure": date(2026, 3, 2),
        "created_at": NOW,
        "guest_token_nonce": "n",
    }
    return Booking(**(given | values))


def test_the_database_refuses_what_must_be_unique(database: Database, killarney: Hotel) -> None:
    room, room_type, staff = (one(database, kind, killarney) for kind in (Room, RoomType, Staff))
    refuse(database, Hotel(slug="killarney", name="Again", epoch="e"))
    refuse(database, User(username="anna", password_hash="x"))
    refuse(database, Staff(user_id=staff.user_id, hotel_id=killarney.id, first_name="A", last_name="B"))
    refuse(database, Room(hotel_id=killarney.id, room_type_id=room_type.id, number=room.number))
    refuse(database, RoomType(hotel_id=killarney.id, code=room_type.code, name="x", max_occupancy=1))
    image = one(database, GalleryImage, killarney)
    refuse(database, GalleryImage(hotel_id=killarney.id, url=image.url, public_id="x"))
    taken = one(database, Booking, killarney)
    refuse(database, booking(killarney, room_type, reference=taken.reference))


def test_the_database_refuses_a_second_open_shift(database: Database, killarney: Hotel) -> None:
    staff = one(database, Staff, killarney)
    with database.transaction() as transaction:
        transaction.add(Shift(staff_id=staff.id, clock_in=NOW, clock_out=NOW + timedelta(hours=1)))
        transaction.add(Shift(staff_id=staff.id, clock_in=NOW))
    refuse(database, Shift(staff_id=staff.id, clock_in=NOW))
    refuse(database, Shift(staff_id=staff.id, clock_in=NOW, clock_out=NOW - timedelta(seconds=1)))


def test_the_database_refuses_a_room_twice_in_one_night(database: Database) -> None:
    with database.reading() as reading:
        held = reading.exec(select(RoomNight).limit(1)).one()
    refuse(database, RoomNight(room_id=held.room_id, night=held.night, booking_id=held.booking_id))


def test_the_database_refuses_bookings_that_cannot_be(database: Database, killarney: Hotel) -> None:
    room_type = one(database, RoomType, killarney)
    refuse(database, booking(killarney, room_type, departure=date(2026, 3, 1)))
    refuse(database, booking(killarney, room_type, adults=0))
    refuse(database, booking(killarney, room_type, children=-1))
    refuse(database, booking(killarney, room_type, status=BookingStatus.CHECKED_IN))
    refuse(database, booking(killarney, room_type, room_type_id=999_999))
    with pytest.raises(IntegrityError), database.transaction() as transaction:
        transaction.execute(text("UPDATE booking SET status = 'ASLEEP'"))


def test_the_database_refuses_two_guests_in_one_room_at_a_time(database: Database, killarney: Hotel) -> None:
    with database.reading() as reading:
        present = reading.exec(
            select(Booking).where(
                Booking.status == BookingStatus.CHECKED_IN, Booking.hotel_id == killarney.id
            )
        ).one()
    room_type = one(database, RoomType, killarney)
    refuse(database, booking(killarney, room_type, room_id=present.room_id, status=BookingStatus.CHECKED_IN))


def test_the_database_refuses_offers_that_end_before_they_begin(database: Database, killarney: Hotel) -> None:
    refuse(
        database,
        Offer(
            hotel_id=killarney.id,
            title="x",
            short_description="x",
            valid_from=date(2026, 3, 2),
            valid_to=date(2026, 3, 1),
            created_at=NOW,
        ),
    )


@pytest.mark.parametrize("slug", ["", "kill arney", "kill.arney", "kíllarney", "killarney\n", "a" * 101])
def test_the_database_refuses_a_slug_that_no_channel_can_be_named_after(
    database: Database, slug: str
) -> None:
    with pytest.raises(DBAPIError), database.transaction() as transaction:
        transaction.add(Hotel(slug=slug, name="A", epoch="e"))
        transaction.flush()


def test_the_database_takes_every_other_slug(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.add_all(Hotel(slug=slug, name="A", epoch="e") for slug in ("-_Az09", "a", "9" * 100))


def test_times_come_back_as_they_were_in_utc(database: Database, killarney: Hotel) -> None:
    elsewhere = NOW.astimezone(tz=datetime.now().astimezone().tzinfo)
    with database.transaction() as transaction:
        settings = transaction.get_one(HotelSettings, killarney.id)
        settings.updated_at = elsewhere
        transaction.add(settings)
    with database.reading() as reading:
        assert reading.get_one(HotelSettings, killarney.id).updated_at.isoformat() == (
            "2026-03-01T12:30:15.123456+00:00"
        )


def test_an_id_is_never_given_out_again(database: Database, killarney: Hotel) -> None:
    def add() -> int:
        with database.transaction() as transaction:
            offer = Offer(hotel_id=killarney.id, title="x", short_description="x", created_at=NOW)
            transaction.add(offer)
            transaction.flush()
            return offer.id

    first = add()
    with database.transaction() as transaction:
        transaction.delete(transaction.get_one(Offer, first))
    assert add() > first


def test_a_turn_makes_the_writers_of_one_hotel_wait_for_each_other(
    database: Database, killarney: Hotel
) -> None:
    """Each reads a value under the turn and writes it back one higher: without turns, updates are lost."""

    def count_up() -> None:
        for _ in range(20):
            with database.transaction() as transaction:
                hotel = take_turn(transaction, killarney.id)
                hotel.sort_order += 1
                transaction.add(hotel)

    threads = [threading.Thread(target=count_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as reading:
        assert reading.get_one(Hotel, killarney.id).sort_order == 120


def test_who_waits_for_the_turn_gets_the_staff_member_as_the_one_before_left_them(
    database: Database, killarney: Hotel
) -> None:
    """Some take the turn with the staff member and some alone: neither kind misses what the other wrote."""
    staff_id = one(database, Staff, killarney).id
    with database.transaction() as transaction:
        transaction.get_one(Staff, staff_id).last_name = "0"

    def count_up(*, together: bool) -> None:
        for _ in range(20):
            with database.transaction() as transaction:
                if together:
                    hotel, staff, may_log_in = take_turn_with_staff(transaction, staff_id)
                else:
                    hotel = take_turn(transaction, killarney.id)
                    staff, may_log_in = transaction.get_one(Staff, staff_id), True
                assert (hotel.id, turn_held(transaction), may_log_in) == (killarney.id, hotel, True)
                staff.last_name = str(int(staff.last_name) + 1)
                transaction.add(staff)

    threads = [threading.Thread(target=count_up, kwargs={"together": place % 3 > 0}) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as reading:
        assert reading.get_one(Staff, staff_id).last_name == "120"


def test_a_reading_session_sees_one_state_throughout_and_cannot_write(
    database: Database, killarney: Hotel
) -> None:
    with database.reading() as reading:
        before = reading.exec(select(Hotel.seq).where(Hotel.id == killarney.id)).one()
        with database.transaction() as transaction:
            take_turn(transaction, killarney.id).seq += 1
        assert reading.exec(select(Hotel.seq).where(Hotel.id == killarney.id)).one() == before
    with database.reading() as reading:
        assert reading.exec(select(Hotel.seq).where(Hotel.id == killarney.id)).one() == before + 1
    with pytest.raises(DBAPIError), database.reading() as reading:
        reading.execute(text("UPDATE hotel SET seq = 99"))


def test_listeners_hear_of_a_transaction_after_its_commit_only(database: Database, killarney: Hotel) -> None:
    heard: list[object] = []

    def listen(notices: object) -> None:
        with database.reading() as reading:
            heard.append((notices, reading.get_one(Hotel, killarney.id).name))

    database.on_commit(listen)
    with database.transaction() as transaction:
        take_turn(transaction, killarney.id).name = "Renamed"
        announce(transaction, "renamed")
        assert heard == []
    assert heard == [(["renamed"], "Renamed")]
    with pytest.raises(ZeroDivisionError), database.transaction() as transaction:
        announce(transaction, "never")
        raise ZeroDivisionError
    with database.transaction() as transaction:
        take_turn(transaction, killarney.id).name = "Quietly"
    assert len(heard) == 1


def test_what_was_done_since_a_savepoint_can_be_taken_back_alone(
    database: Database, killarney: Hotel
) -> None:
    heard: list[object] = []
    database.on_commit(heard.extend)
    with database.transaction() as transaction:
        announce(transaction, "before")
        with pytest.raises(ZeroDivisionError), savepoint(transaction):
            hotel = take_turn(transaction, killarney.id)
            hotel.name = "Renamed"
            transaction.add(hotel)
            transaction.flush()
            announce(transaction, "never")
            raise ZeroDivisionError
        with savepoint(transaction):
            take_turn(transaction, killarney.id)
            assert turn_held(transaction).name == "Hotel Killarney"
            announce(transaction, "after")
    assert heard == ["before", "after"]
    with database.reading() as reading:
        assert reading.get_one(Hotel, killarney.id).name == "Hotel Killarney"


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://nobody@127.0.0.1:1/nowhere", "sqlite:////dev/null/hotelmate.sqlite3"],
)
def test_a_database_that_cannot_be_reached_says_so_in_one_line(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as refused:
        Database(url).check()
    assert "HOTELMATE_DATABASE_URL" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_database_says_so_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear guests, " * 100)
    with pytest.raises(DatabaseUnavailable, match="HOTELMATE_DATABASE_URL"):
        Database(f"sqlite:///{path}").check()


@pytest.fixture
def postgresql(seeded_postgresql: SeededPostgresql) -> Iterator[Database]:
    seeded_postgresql.reset()
    opened = Database(seeded_postgresql.url)
    yield opened
    opened.close()


def cut_off(session: Session, other: Database) -> None:
    """End the server's side of a session's connection, as a server that is killed does."""
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with other.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))


def test_a_database_that_is_lost_refuses_and_is_used_again_when_it_is_back(
    postgresql: Database,
) -> None:
    with pytest.raises(Unavailable) as refused, postgresql.transaction() as transaction:
        cut_off(transaction, postgresql)
        take_turn(transaction, 1)
    assert not isinstance(refused.value, OutcomeUnknown)
    with pytest.raises(Unavailable), postgresql.reading() as reading:
        cut_off(reading, postgresql)
        reading.get_one(Hotel, 1)
    with postgresql.transaction() as transaction:
        assert take_turn(transaction, 1).slug == "killarney"


def test_a_database_that_is_lost_at_the_commit_leaves_the_outcome_open(postgresql: Database) -> None:
    with pytest.raises(OutcomeUnknown), postgresql.transaction() as transaction:
        take_turn(transaction, 1).name = "Renamed"
        transaction.flush()
        cut_off(transaction, postgresql)


def test_a_turn_that_nobody_gives_back_is_waited_for_in_vain_and_not_for_ever(
    postgresql: Database,
) -> None:
    with postgresql.transaction() as holder:
        take_turn(holder, 1)
        with pytest.raises(Unavailable), postgresql.transaction() as transaction:
            transaction.execute(text("SET LOCAL lock_timeout = '50ms'"))
            take_turn(transaction, 1)


def test_nobody_is_reached_where_nobody_answers() -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/x")
    with pytest.raises(Unavailable), nowhere.reading() as reading:
        reading.get(Hotel, 1)
    nowhere.close()


def test_a_full_disk_refuses_and_loses_nothing(sqlite_database: Database, killarney: Hotel) -> None:
    with sqlite_database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Unavailable, match="disk is full"), sqlite_database.transaction() as transaction:
        take_turn(transaction, killarney.id).name = "x" * 100_000
    with sqlite_database.transaction() as transaction:
        assert take_turn(transaction, killarney.id).name == killarney.name


def test_an_errors_text_holds_no_parameters(database: Database, killarney: Hotel) -> None:
    with pytest.raises(IntegrityError) as failed, database.transaction() as transaction:
        transaction.add(Hotel(slug="killarney", name="PLANTED-SECRET", epoch="e"))
        transaction.flush()
    assert "PLANTED-SECRET" not in str(failed.value)
    assert killarney.slug == "killarney"


def test_a_database_of_too_old_a_version_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.check()
    monkeypatch.setattr("hotelmate.database.sqlite._OLDEST", (99, 0))
    monkeypatch.setattr("hotelmate.database.postgresql._OLDEST", 99)
    with pytest.raises(DatabaseUnavailable, match=r"needs 99"):
        database.check()


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'new' / 'hotelmate.sqlite3'}").check()
    assert stat.S_IMODE((tmp_path / "new" / "hotelmate.sqlite3").stat().st_mode) == 0o600
