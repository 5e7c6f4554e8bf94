"""A booking takes the steps that its status allows and no other, and each step says what it means."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, Forbidden, NotFound, Unauthenticated
from hotelmate.events.catalogue import (
    BookingCheckedIn,
    BookingCheckedOut,
    BookingRoomAssigned,
    BookingStatusChanged,
)
from hotelmate.identity.actors import Actor, Anonymous, StaffActor
from hotelmate.models import Booking, BookingStatus, Hotel
from hotelmate.resolvers.booking_life import (
    AlreadyInThisRoom,
    NoRoomAssigned,
    WrongStatus,
    assign_room,
    cancel_booking,
    check_in,
    check_out,
    confirm_booking,
    mark_no_show,
)
from hotelmate.resolvers.rooms import RoomOccupied, RoomTaken
from tests.resolvers.steps import (
    AT,
    TODAY,
    book,
    booked_until,
    booking,
    change,
    guest_of,
    nights_held,
    recorded,
    refused,
    room_id,
    room_type_id,
)

PENDING_PAYMENT = BookingStatus.PENDING_PAYMENT
CONFIRMED = BookingStatus.CONFIRMED
CHECKED_IN = BookingStatus.CHECKED_IN
CHECKED_OUT = BookingStatus.CHECKED_OUT
CANCELLED = BookingStatus.CANCELLED
NO_SHOW = BookingStatus.NO_SHOW

DAY = timedelta(days=1)
LATER = AT + timedelta(hours=5)


def confirm(database: Database, actor: Actor, reference: str) -> Booking:
    return change(database, confirm_booking, actor, reference, at=LATER)


def assign(database: Database, actor: Actor, reference: str, room: int) -> Booking:
    return change(database, assign_room, actor, reference, room, at=LATER)


def arrive(database: Database, actor: Actor, reference: str) -> Booking:
    return change(database, check_in, actor, reference, at=LATER)


def leave(database: Database, actor: Actor, reference: str) -> Booking:
    return change(database, check_out, actor, reference, at=LATER)


def cancel(database: Database, actor: Actor, reference: str, reason: str | None = None) -> Booking:
    return change(database, cancel_booking, actor, reference, reason=reason, at=LATER)


def stay_away(database: Database, actor: Actor, reference: str) -> Booking:
    return change(database, mark_no_show, actor, reference, at=LATER)


Step = Callable[[Database, Actor, str], Booking]
STEPS: dict[Step, dict[BookingStatus, BookingStatus]] = {
    confirm: {PENDING_PAYMENT: CONFIRMED},
    arrive: {CONFIRMED: CHECKED_IN},
    leave: {CHECKED_IN: CHECKED_OUT},
    cancel: {PENDING_PAYMENT: CANCELLED, CONFIRMED: CANCELLED},
    stay_away: {CONFIRMED: NO_SHOW},
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_step_is_taken_from_the_statuses_that_allow_it_and_from_no_other(
    database: Database, killarney: Hotel, anna: StaffActor, step: Step
) -> None:
    for status in BookingStatus:
        reference = booked_until(database, killarney, anna, status)
        if status is CONFIRMED and step is arrive:
            assign(database, anna, reference, room_id(database, killarney, "104"))
        if status not in STEPS[step]:
            with refused(database, WrongStatus):
                step(database, anna, reference)
        else:
            to = STEPS[step][status]
            with recorded(database, killarney) as events:
                assert step(database, anna, reference).status is to
            assert booking(database, reference).status is to
            changed = BookingStatusChanged(booking_id=reference, status=to, previous_status=status)
            assert events[-1] == changed
        if booking(database, reference).status is CHECKED_IN:
            leave(database, anna, reference)


@pytest.mark.parametrize("status", BookingStatus)
def test_a_room_is_assigned_before_the_stay_only(
    database: Database, killarney: Hotel, anna: StaffActor, status: BookingStatus
) -> None:
    reference = booked_until(database, killarney, anna, status)
    room = room_id(database, killarney, "102")
    if status in {PENDING_PAYMENT, CONFIRMED}:
        assert assign(database, anna, reference, room).status is status
        assert booking(database, reference).room_id == room
    else:
        with refused(database, WrongStatus):
            assign(database, anna, reference, room)


def test_confirming_tells_the_change(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    reference = book(database, killarney)
    with recorded(database, killarney) as events:
        confirm(database, anna, reference)
    assert events == [
        BookingStatusChanged(booking_id=reference, status=CONFIRMED, previous_status=PENDING_PAYMENT)
    ]


def test_assigning_a_room_holds_it_for_every_night_and_tells_it(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney, departure=TODAY + 3 * DAY)
    room = room_id(database, killarney, "101")
    with recorded(database, killarney) as events:
        assign(database, anna, reference, room)
    assert events == [
        BookingRoomAssigned(booking_id=reference, room_number="101", room_type="Standard Double")
    ]
    kept = booking(database, reference)
    assert (kept.room_id, kept.room_assigned_at) == (room, LATER)
    assert nights_held(database, reference) == [
        date(2040, 6, 15),
        date(2040, 6, 16),
        date(2040, 6, 17),
    ]


def test_another_room_is_held_in_place_of_the_first(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    first, second = book(database, killarney), book(database, killarney)
    assign(database, anna, first, room_id(database, killarney, "101"))
    with refused(database, RoomTaken):
        assign(database, anna, second, room_id(database, killarney, "101"))
    assign(database, anna, first, room_id(database, killarney, "102"))
    assert len(nights_held(database, first)) == 2
    assign(database, anna, second, room_id(database, killarney, "101"))


def test_the_room_that_the_booking_has_already_is_a_conflict(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney)
    room = room_id(database, killarney, "101")
    assign(database, anna, reference, room)
    with refused(database, AlreadyInThisRoom):
        assign(database, anna, reference, room)


def test_a_room_is_taken_when_one_night_is(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    room, begin = room_id(database, killarney, "101"), TODAY + 10 * DAY

    def stay(since: int, until: int) -> str:
        return book(database, killarney, arrival=begin + since * DAY, departure=begin + until * DAY)

    assign(database, anna, stay(0, 3), room)
    for since, until in ((-2, 1), (0, 1), (1, 2), (0, 3), (2, 5), (-1, 4)):
        reference = stay(since, until)
        with refused(database, RoomTaken):
            assign(database, anna, reference, room)
    for since, until in ((-2, 0), (3, 4)):
        assign(database, anna, stay(since, until), room)


def test_only_a_room_of_the_booked_type_is_assigned(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney, room_type_id=room_type_id(database, killarney, "family"))
    with refused(database, BadUserInput, field="roomId"):
        assign(database, anna, reference, room_id(database, killarney, "101"))


def test_another_hotels_room_and_one_that_there_is_not_are_not_found(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney)
    for room in (room_id(database, dublin, "101"), 0, 2**31 - 1):
        with refused(database, NotFound):
            assign(database, anna, reference, room)


def test_checking_in_tells_the_room_and_then_the_change(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = booked_until(database, killarney, anna, CONFIRMED)
    assign(database, anna, reference, room_id(database, killarney, "101"))
    nonce = booking(database, reference).guest_token_nonce
    with recorded(database, killarney) as events:
        arrive(database, anna, reference)
    assert events == [
        BookingCheckedIn(
            booking_id=reference, room_number="101", checked_in_at=LATER, guest_token_nonce=nonce
        ),
        BookingStatusChanged(booking_id=reference, status=CHECKED_IN, previous_status=CONFIRMED),
    ]
    assert booking(database, reference).checked_in_at == LATER


def test_nobody_checks_in_without_a_room(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    reference = booked_until(database, killarney, anna, CONFIRMED)
    with refused(database, NoRoomAssigned):
        arrive(database, anna, reference)


def test_nobody_checks_in_to_a_room_that_others_have_not_left(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    staying = booked_until(database, killarney, anna, CHECKED_IN)
    reference = book(database, killarney, arrival=TODAY + 2 * DAY, departure=TODAY + 3 * DAY)
    confirm(database, anna, reference)
    assign(database, anna, reference, room_id(database, killarney, "101"))
    with refused(database, RoomOccupied):
        arrive(database, anna, reference)
    leave(database, anna, staying)
    arrive(database, anna, reference)


def test_checking_out_tells_the_room_and_then_the_change(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = booked_until(database, killarney, anna, CHECKED_IN)
    with recorded(database, killarney) as events:
        leave(database, anna, reference)
    assert events == [
        BookingCheckedOut(booking_id=reference, room_number="101", checked_out_at=LATER),
        BookingStatusChanged(booking_id=reference, status=CHECKED_OUT, previous_status=CHECKED_IN),
    ]
    assert booking(database, reference).checked_out_at == LATER


def test_checking_out_gives_up_the_nights_from_tonight_on(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney, departure=TODAY + 4 * DAY)
    confirm(database, anna, reference)
    assign(database, anna, reference, room_id(database, killarney, "101"))
    arrive(database, anna, reference)
    # 23:30 UTC on the 16th is the 17th in Killarney.
    change(database, check_out, anna, reference, at=AT + DAY + timedelta(hours=14))
    assert nights_held(database, reference) == [date(2040, 6, 15), date(2040, 6, 16)]


def test_cancelling_gives_up_the_room_and_keeps_the_reason(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney)
    assign(database, anna, reference, room_id(database, killarney, "101"))
    with recorded(database, killarney) as events:
        cancel(database, anna, reference, " Flight cancelled ")
    assert events == [
        BookingStatusChanged(booking_id=reference, status=CANCELLED, previous_status=PENDING_PAYMENT)
    ]
    kept = booking(database, reference)
    assert (kept.cancel_reason, kept.cancelled_at) == ("Flight cancelled", LATER)
    assert nights_held(database, reference) == []
    assign(database, anna, book(database, killarney), room_id(database, killarney, "101"))


def test_a_no_show_gives_up_the_room(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    reference = booked_until(database, killarney, anna, CONFIRMED)
    assign(database, anna, reference, room_id(database, killarney, "101"))
    stay_away(database, anna, reference)
    assert nights_held(database, reference) == []


def test_a_reason_has_up_to_five_hundred_characters(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney)
    for reason in ("r" * 501, "\0"):
        with refused(database, BadUserInput, field="reason"):
            cancel(database, anna, reference, reason)
    assert cancel(database, anna, reference, "r" * 500).cancel_reason == "r" * 500


def test_a_guest_may_cancel_the_own_booking_and_no_other(database: Database, killarney: Hotel) -> None:
    reference, other = book(database, killarney), book(database, killarney)
    guest = guest_of(database, reference)
    with refused(database, Forbidden):
        cancel(database, guest, other)
    with refused(database, Forbidden):
        cancel(database, guest, "BK-2040-9999")
    with refused(database, Unauthenticated):
        cancel(database, Anonymous(), reference)
    assert cancel(database, guest, reference).status is CANCELLED


def test_another_hotels_booking_is_not_found(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    in_room_101 = room_id(database, killarney, "101")
    for status in (PENDING_PAYMENT, CONFIRMED, CHECKED_IN):
        reference = booked_until(database, killarney, anna, status)
        for step in STEPS:
            with refused(database, NotFound):
                step(database, carla, reference)
        with refused(database, NotFound):
            assign(database, carla, reference, in_room_101)


def test_a_booking_that_there_is_not_is_not_found(database: Database, anna: StaffActor) -> None:
    for reference in ("BK-2040-9999", "", "\0"):
        for step in STEPS:
            with refused(database, NotFound):
                step(database, anna, reference)
