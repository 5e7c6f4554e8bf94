"""What tests of operations do over and over: carry one out, have one refused, see what was recorded."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from sqlmodel import SQLModel, select

from hotelmate.database import Database, Reading, Transaction
from hotelmate.errors import BadUserInput, Refused
from hotelmate.events import log
from hotelmate.events.catalogue import EventData
from hotelmate.identity import sessions
from hotelmate.identity.actors import GuestActor, StaffActor
from hotelmate.models import Booking, BookingStatus, Hotel, Room, RoomNight, RoomType
from hotelmate.resolvers.booking_life import (
    assign_room,
    cancel_booking,
    check_in,
    check_out,
    confirm_booking,
    mark_no_show,
)
from hotelmate.resolvers.bookings import BookingDraft, create_booking

# Years after the demo's data, so that nothing in it gets in the way; summer time in Dublin, UTC+1.
AT = datetime(2040, 6, 15, 9, 30, tzinfo=UTC)
TODAY = date(2040, 6, 15)

Given = ParamSpec("Given")
Result = TypeVar("Result")


def actor(database: Database, token: str) -> StaffActor:
    with database.reading() as reading:
        found = sessions.find(reading, token, at=datetime.now(UTC))
    assert found is not None
    return found


def change(
    database: Database,
    operation: Callable[Concatenate[Transaction, Given], Result],
    *args: Given.args,
    **kwargs: Given.kwargs,
) -> Result:
    """Carry out an operation as one transaction."""
    with database.transaction() as transaction:
        return operation(transaction, *args, **kwargs)


def look(
    database: Database,
    operation: Callable[Concatenate[Reading, Given], Result],
    *args: Given.args,
    **kwargs: Given.kwargs,
) -> Result:
    """Carry out an operation that reads."""
    with database.reading() as reading:
        return operation(reading, *args, **kwargs)


@contextmanager
def refused(
    database: Database, error: type[Refused], *, field: str | None = None
) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """Expect the block to be refused, naming the field, with no row changed and nothing announced."""
    announced: list[object] = []
    database.on_commit(announced.extend)
    before = everything(database)
    with pytest.raises(error) as raised:
        yield raised
    assert type(raised.value) is error
    if isinstance(raised.value, BadUserInput):
        assert raised.value.field == field
    assert everything(database) == before
    assert announced == []


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table; an event that was recorded would be among them."""
    with database.reading() as reading:
        return {
            table.name: sorted(map(repr, reading.connection().execute(table.select())))
            for table in SQLModel.metadata.sorted_tables
        }


@contextmanager
def recorded(database: Database, hotel: Hotel) -> Iterator[list[EventData]]:
    """Fill the list, after the block, with what the hotel's log has got in it."""
    events: list[EventData] = []
    after = seq(database, hotel)
    yield events
    with database.reading() as reading:
        events += [event.data for event in log.read(reading, hotel.id, after=after, limit=100)]


def seq(database: Database, hotel: Hotel) -> int:
    with database.reading() as reading:
        return reading.exec(select(Hotel.seq).where(Hotel.id == hotel.id)).one()


def room_type_id(database: Database, hotel: Hotel, code: str = "standard") -> int:
    with database.reading() as reading:
        statement = select(RoomType.id).where(RoomType.hotel_id == hotel.id, RoomType.code == code)
        return reading.exec(statement).one()


def room_id(database: Database, hotel: Hotel, number: str) -> int:
    with database.reading() as reading:
        return reading.exec(select(Room.id).where(Room.hotel_id == hotel.id, Room.number == number)).one()


def draft(database: Database, hotel: Hotel, **values: Any) -> BookingDraft:
    """A stay of two nights from today in a standard room, but for what is given."""
    given = {
        "room_type_id": room_type_id(database, hotel),
        "guest_name": "Ada Lovelace",
        "guest_email": "ada@guests.example",
        "arrival": TODAY,
        "departure": TODAY + timedelta(days=2),
    }
    return BookingDraft(**(given | values))


def book(database: Database, hotel: Hotel, **values: Any) -> str:
    """Make a booking; returns its reference."""
    return change(database, create_booking, hotel.slug, draft(database, hotel, **values), at=AT).reference


def booking(database: Database, reference: str) -> Booking:
    with database.reading() as reading:
        return reading.exec(select(Booking).where(Booking.reference == reference)).one()


def nights_held(database: Database, reference: str) -> list[date]:
    with database.reading() as reading:
        statement = select(RoomNight.night).join(Booking).where(Booking.reference == reference)
        return sorted(reading.exec(statement))


def guest_of(database: Database, reference: str) -> GuestActor:
    row = booking(database, reference)
    return GuestActor(row.reference, row.hotel_id, row.guest_token_nonce)


def booked_until(
    database: Database, hotel: Hotel, staff: StaffActor, status: BookingStatus, *, room: str = "101"
) -> str:
    """Bring a new booking to a status, by the steps that lead there; returns its reference."""
    reference = book(database, hotel)

    def take(step: Callable[..., Booking], *args: object, **kwargs: object) -> None:
        change(database, step, staff, reference, *args, at=AT, **kwargs)

    if status is BookingStatus.CANCELLED:
        take(cancel_booking, reason=None)
    elif status is not BookingStatus.PENDING_PAYMENT:
        take(confirm_booking)
    if status is BookingStatus.NO_SHOW:
        take(mark_no_show)
    if status in {BookingStatus.CHECKED_IN, BookingStatus.CHECKED_OUT}:
        take(assign_room, room_id(database, hotel, room))
        take(check_in)
    if status is BookingStatus.CHECKED_OUT:
        take(check_out)
    return reference


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do all of it at the same time, a thread each; returns what each returned, or why it was refused."""
    start = threading.Barrier(len(works))
    outcomes: list[object] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes[place] = work()
        except Exception as error:  # noqa: BLE001 - the test judges it
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
