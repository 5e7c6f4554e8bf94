"""What is written past the session is in the database, and in the objects of the session."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.models import Hotel, Shift, Staff
from hotelmate.rows import add_and_return_id, changed_row, new_row

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def one_of(database: Database, hotel: Hotel) -> int:
    with database.reading() as reading:
        return reading.exec(select(Staff.id).where(Staff.hotel_id == hotel.id).limit(1)).one()


def test_a_row_is_added_and_others_are_changed_with_it(database: Database, killarney: Hotel) -> None:
    staff_id = one_of(database, killarney)
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with database.transaction() as transaction:
        staff = transaction.get_one(Staff, staff_id)
        hotel = transaction.get_one(Hotel, killarney.id)
        del statements[:]
        shift_id = add_and_return_id(
            transaction,
            new_row(Shift, staff_id=staff_id, clock_in=NOW),
            changed_row(staff, is_on_duty=True, last_clock_in=NOW),
            changed_row(hotel, seq=41),
        )
        assert (staff.is_on_duty, staff.last_clock_in, hotel.seq) == (True, NOW, 41)
        assert not transaction.dirty
        assert len(statements) == (3 if database.is_sqlite else 1)
    with database.reading() as reading:
        shift = reading.get_one(Shift, shift_id)
        staff = reading.get_one(Staff, staff_id)
        assert (shift.staff_id, shift.clock_in, shift.clock_out) == (staff_id, NOW, None)
        assert (staff.is_on_duty, staff.last_clock_in, staff.last_clock_out) == (True, NOW, None)
        assert reading.get_one(Hotel, killarney.id).seq == 41


def test_all_of_it_is_refused_or_none(database: Database, killarney: Hotel) -> None:
    staff_id = one_of(database, killarney)
    with pytest.raises(IntegrityError), database.transaction() as transaction:
        hotel = transaction.get_one(Hotel, killarney.id)
        backwards = new_row(Shift, staff_id=staff_id, clock_in=NOW, clock_out=NOW.replace(year=2025))
        add_and_return_id(transaction, backwards, changed_row(hotel, seq=41))
    with database.reading() as reading:
        assert reading.get_one(Hotel, killarney.id).seq == 0
