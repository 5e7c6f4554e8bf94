"""Hotels made for one test, on a real database: what is asked for there, and what is then in the tables."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import col, select

from hotelmate.database import Database
from hotelmate.errors import Refused
from hotelmate.identity.actors import StaffActor
from hotelmate.models import Booking, EventRecord, Hotel, Room, RoomType, Shift, Staff, User
from hotelmate.resolvers import booking_life, clocking
from hotelmate.resolvers.administration.hotels import create_hotel
from hotelmate.resolvers.bookings import BookingDraft, create_booking
from tests.invariants.contract import House, Stay, Told
from tests.resolvers.steps import change

LIVES = int(os.environ.get("HOTELMATE_TEST_LIVES", "20"))
SEED = int(os.environ.get("HOTELMATE_TEST_SEED", "5"))

ROOMS = {"1": "double", "2": "double", "3": "single", "4": "single"}
MIDNIGHT = datetime(2040, 6, 15, tzinfo=UTC)
NOWHERE = "BK-1999-0001"
"""A reference that no booking has."""

_STEPS: dict[str, Callable[..., Booking]] = {
    "confirm": booking_life.confirm_booking,
    "check_in": booking_life.check_in,
    "check_out": booking_life.check_out,
    "no_show": booking_life.mark_no_show,
}
_CLOCKS: dict[str, Callable[..., object]] = {
    "clock_in": clocking.clock_in,
    "clock_out": clocking.clock_out,
    "toggle": clocking.toggle_clock,
}
_DETERMINED = frozenset(
    {
        "booking_id",
        "status",
        "previous_status",
        "room_number",
        "room_type",
        "staff_id",
        "is_on_duty",
        "action",
    }
)


class LiveHotel:
    """A hotel of its own, and the operations on it; each answers with nothing or is refused."""

    def __init__(self, database: Database, *, staff: int) -> None:
        self.database = database
        with database.transaction() as transaction:
            hotel = create_hotel(transaction, slug=uuid4().hex, name="Hotel", at=MIDNIGHT)
            types = {
                name: RoomType(hotel_id=hotel.id, code=name, name=name, max_occupancy=2)
                for name in ROOMS.values()
            }
            transaction.add_all(types.values())
            transaction.flush()
            rooms = {
                number: Room(hotel_id=hotel.id, room_type_id=types[name].id, number=number)
                for number, name in ROOMS.items()
            }
            transaction.add_all(rooms.values())
            people = [_person(transaction, hotel.id) for _ in range(staff)]
            transaction.flush()
            self.id, self.slug = hotel.id, hotel.slug
            self._types = {name: row.id for name, row in types.items()}
            self._rooms = {number: row.id for number, row in rooms.items()}
            self.staff = [StaffActor(0, row.id, row.user_id, hotel.id, MIDNIGHT) for row in people]

    def book(self, room_type: str, arrival: date, nights: int, *, at: datetime) -> str:
        """Request a stay; returns its reference."""
        draft = BookingDraft(
            room_type_id=self._types[room_type],
            guest_name="Ada",
            guest_email="ada@guests.example",
            arrival=arrival,
            departure=arrival + timedelta(days=nights),
        )
        return change(self.database, create_booking, self.slug, draft, at=at).reference

    def step(self, name: str, actor: StaffActor, reference: str, *, at: datetime) -> None:
        """Have a booking take a step."""
        if name == "cancel":
            change(self.database, booking_life.cancel_booking, actor, reference, reason=None, at=at)
        else:
            change(self.database, _STEPS[name], actor, reference, at=at)

    def assign(self, actor: StaffActor, reference: str, room: str, *, at: datetime) -> None:
        """Give a booking a room."""
        change(self.database, booking_life.assign_room, actor, reference, self._rooms[room], at=at)

    def clock(self, actor: StaffActor, action: str, *, at: datetime) -> None:
        """Have somebody clock in or out."""
        change(self.database, _CLOCKS[action], actor, at=at)

    def log(self, *, after: int = 0) -> list[Told]:
        """Return what the log says, which counts from 1 without a gap, as far as the hotel has counted."""
        with self.database.reading() as reading:
            of_hotel = select(EventRecord).where(EventRecord.hotel_id == self.id)
            rows = reading.exec(of_hotel.order_by(col(EventRecord.seq))).all()
            counted = reading.get_one(Hotel, self.id).seq
        assert [row.seq for row in rows] == list(range(1, counted + 1))
        return [(row.type, _determined(json.loads(row.data))) for row in rows[after:]]

    def check(self, house: House) -> None:
        """Make sure that what is in the tables is what the contract has made of the house."""
        self._check_stays(house)
        self._check_shifts(house)

    def _check_stays(self, house: House) -> None:
        with self.database.reading() as reading:
            statement = select(Booking, Room.number).outerjoin(Room).where(Booking.hotel_id == self.id)
            found = {
                row.reference: (str(row.status), number, row.arrival, row.departure)
                for row, number in reading.exec(statement)
            }
        assert found == {
            reference: (stay.status, stay.room, stay.arrival, stay.departure)
            for reference, stay in house.stays.items()
        }
        for room in ROOMS:
            house.taken(room)

    def _check_shifts(self, house: House) -> None:
        with self.database.reading() as reading:
            people = reading.exec(select(Staff).where(Staff.hotel_id == self.id)).all()
            assert {row.id for row in people if row.is_on_duty} == house.on_duty
            for person in people:
                of_person = select(Shift).where(Shift.staff_id == person.id)
                shifts = reading.exec(of_person.order_by(col(Shift.clock_in), col(Shift.id))).all()
                _check_one_after_the_other(shifts, is_on_duty=person.is_on_duty)


def outcome(work: Callable[[], object]) -> tuple[str, str | None] | None:
    """Do it, and return the code and field that refuse it; None when it was done."""
    try:
        work()
    except Refused as refused:
        return refused.code, getattr(refused, "field", None)
    return None


def stay(room_type: str, arrival: date, nights: int) -> Stay:
    """A stay as it is requested."""
    return Stay(room_type, arrival, arrival + timedelta(days=nights))


def _check_one_after_the_other(shifts: Sequence[Shift], *, is_on_duty: bool) -> None:
    ended = MIDNIGHT
    for shift in shifts[: len(shifts) - is_on_duty]:
        assert shift.clock_out is not None
        assert ended <= shift.clock_in <= shift.clock_out
        ended = shift.clock_out
    assert not is_on_duty or (shifts[-1].clock_out is None and shifts[-1].clock_in >= ended)


def _person(transaction: Any, hotel_id: int) -> Staff:
    user = User(username=uuid4().hex, password_hash="none")
    transaction.add(user)
    transaction.flush()
    person = Staff(user_id=user.id, hotel_id=hotel_id, first_name="A", last_name="B")
    transaction.add(person)
    return person


def _determined(data: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in data.items() if name in _DETERMINED}
