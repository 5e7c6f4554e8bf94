"""Who may do what: everybody who can call, against everything that is decided."""

from datetime import UTC, date, datetime

import pytest

from hotelmate.errors import Forbidden, Unauthenticated
from hotelmate.identity.actors import Anonymous, GuestActor, StaffActor
from hotelmate.identity.permissions import (
    is_staff_of,
    may_see_booking,
    require_booking_access,
    require_staff,
)
from hotelmate.models import Booking

AT = datetime(2040, 6, 15, 9, 30, tzinfo=UTC)
ANYONE = Anonymous()
STAFF = StaffActor(session_id=1, staff_id=1, user_id=1, hotel_id=1, expires_at=AT)
STAFF_ELSEWHERE = StaffActor(session_id=2, staff_id=2, user_id=2, hotel_id=2, expires_at=AT)
GUEST = GuestActor("BK-2040-0001", 1, "nonce")
OTHER_GUEST = GuestActor("BK-2040-0002", 1, "nonce")
BOOKING = Booking(
    reference="BK-2040-0001",
    hotel_id=1,
    room_type_id=1,
    guest_name="Ada Lovelace",
    guest_email="ada@guests.example",
    arrival=date(2040, 6, 15),
    departure=date(2040, 6, 17),
    created_at=AT,
    guest_token_nonce="nonce",
)


def test_what_is_for_staff_is_refused_to_everybody_else() -> None:
    assert require_staff(STAFF) is STAFF
    with pytest.raises(Unauthenticated):
        require_staff(ANYONE)
    with pytest.raises(Forbidden):
        require_staff(GUEST)


def test_staff_are_of_their_own_hotel_and_a_guest_of_none() -> None:
    staff_of = [is_staff_of(actor, 1) for actor in (STAFF, STAFF_ELSEWHERE, GUEST, ANYONE)]
    assert staff_of == [True, False, False, False]


def test_a_booking_is_asked_for_by_staff_and_its_guest() -> None:
    for actor in (STAFF, STAFF_ELSEWHERE, GUEST):
        assert require_booking_access(actor, "BK-2040-0001") is actor
    with pytest.raises(Unauthenticated):
        require_booking_access(ANYONE, "BK-2040-0001")
    with pytest.raises(Forbidden):
        require_booking_access(OTHER_GUEST, "BK-2040-0001")


def test_a_booking_is_seen_by_staff_of_its_hotel_and_its_guest() -> None:
    seen_by = [
        may_see_booking(actor, BOOKING) for actor in (STAFF, GUEST, STAFF_ELSEWHERE, OTHER_GUEST, ANYONE)
    ]
    assert seen_by == [True, True, False, False, False]
