"""A booking's life, from its confirmation to the departure: which steps it can take, and what each means."""

from datetime import datetime
from typing import Protocol

from sqlmodel import select

from hotelmate.database import Transaction, take_turn
from hotelmate.errors import BadUserInput, Conflict, NotFound
from hotelmate.events import log
from hotelmate.events.catalogue import (
    BookingCheckedIn,
    BookingCheckedOut,
    BookingRoomAssigned,
    BookingStatusChanged,
)
from hotelmate.identity import audit
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_booking_access, require_staff
from hotelmate.models import AuditAction, Booking, BookingStatus, Hotel, Room, RoomType
from hotelmate.resolvers import checks
from hotelmate.resolvers.bookings import require_booking
from hotelmate.resolvers.hotels import today_in
from hotelmate.resolvers.rooms import hold_nights, release_nights, require_unoccupied

_BEFORE_THE_STAY = frozenset({BookingStatus.PENDING_PAYMENT, BookingStatus.CONFIRMED})
_COMES_FROM: dict[BookingStatus, frozenset[BookingStatus]] = {
    BookingStatus.CONFIRMED: frozenset({BookingStatus.PENDING_PAYMENT}),
    BookingStatus.CHECKED_IN: frozenset({BookingStatus.CONFIRMED}),
    BookingStatus.CHECKED_OUT: frozenset({BookingStatus.CHECKED_IN}),
    BookingStatus.CANCELLED: _BEFORE_THE_STAY,
    BookingStatus.NO_SHOW: frozenset({BookingStatus.CONFIRMED}),
}
_AUDITED: dict[BookingStatus, AuditAction] = {
    BookingStatus.CONFIRMED: AuditAction.BOOKING_CONFIRMED,
    BookingStatus.CHECKED_IN: AuditAction.BOOKING_CHECKED_IN,
    BookingStatus.CHECKED_OUT: AuditAction.BOOKING_CHECKED_OUT,
    BookingStatus.CANCELLED: AuditAction.BOOKING_CANCELLED,
    BookingStatus.NO_SHOW: AuditAction.BOOKING_NO_SHOW,
}


class Step(Protocol):
    """What takes a booking one step on; every operation here is one once its other arguments are given."""

    def __call__(
        self, transaction: Transaction, actor: Actor, reference: str, *, at: datetime
    ) -> Booking: ...


class WrongStatus(Conflict):
    """The booking's status does not allow this step."""

    def __init__(self, status: BookingStatus) -> None:
        super().__init__(f"The booking is {status}, which does not allow this.")


class AlreadyInThisRoom(Conflict):
    """The booking has been given this very room before."""

    def __init__(self) -> None:
        super().__init__("The booking has this room already.")


class NoRoomAssigned(Conflict):
    """The booking needs a room first."""

    def __init__(self) -> None:
        super().__init__("Assign a room first.")


def confirm_booking(transaction: Transaction, actor: Actor, reference: str, *, at: datetime) -> Booking:
    """[staff] PENDING_PAYMENT to CONFIRMED.

    Raises:
        NotFound: the hotel has no such booking.
        WrongStatus: it is not PENDING_PAYMENT.
    """
    hotel, booking = _staffs_booking(transaction, actor, reference)
    _require_step(booking, BookingStatus.CONFIRMED)
    _take_step(transaction, actor, hotel, booking, BookingStatus.CONFIRMED, at=at)
    return booking


def assign_room(
    transaction: Transaction, actor: Actor, reference: str, room_id: int, *, at: datetime
) -> Booking:
    """[staff] Give the booking a room of its type, in place of the one that it may have.

    Raises:
        NotFound: the hotel has no such booking or no such room.
        BadUserInput: the room is of another type than was booked (`roomId`).
        WrongStatus: the stay has begun or will not take place.
        AlreadyInThisRoom: and so nothing to do.
        RoomTaken: another booking holds the room for one of the nights.
    """
    hotel, booking = _staffs_booking(transaction, actor, reference)
    if booking.status not in _BEFORE_THE_STAY:
        raise WrongStatus(booking.status)
    room, room_type = _room_of_hotel(transaction, hotel, room_id)
    if room_type.id != booking.room_type_id:
        raise BadUserInput("roomId", f"Room {room.number} is of another type than was booked.")
    if booking.room_id == room.id:
        raise AlreadyInThisRoom
    hold_nights(transaction, booking, room)
    booking.room_id = room.id
    booking.room_assigned_at = at
    transaction.add(booking)
    data = BookingRoomAssigned(booking_id=reference, room_number=room.number, room_type=room_type.name)
    log.record(transaction, hotel, data, at=at)
    audit.record(transaction, AuditAction.BOOKING_ROOM_ASSIGNED, actor, hotel_id=hotel.id, subject=reference)
    return booking


def check_in(transaction: Transaction, actor: Actor, reference: str, *, at: datetime) -> Booking:
    """[staff] CONFIRMED, with a room, to CHECKED_IN.

    Raises:
        NotFound: the hotel has no such booking.
        WrongStatus: it is not CONFIRMED.
        NoRoomAssigned: it has no room yet.
        RoomOccupied: the guests of another booking are still in the room.
    """
    hotel, booking = _staffs_booking(transaction, actor, reference)
    _require_step(booking, BookingStatus.CHECKED_IN)
    room = _assigned_room(transaction, booking)
    require_unoccupied(transaction, room)
    booking.checked_in_at = at
    data = BookingCheckedIn(
        booking_id=reference,
        room_number=room.number,
        checked_in_at=at,
        guest_token_nonce=booking.guest_token_nonce,
    )
    log.record(transaction, hotel, data, at=at)
    _take_step(transaction, actor, hotel, booking, BookingStatus.CHECKED_IN, at=at)
    return booking


def check_out(transaction: Transaction, actor: Actor, reference: str, *, at: datetime) -> Booking:
    """[staff] CHECKED_IN to CHECKED_OUT; the room is free again from tonight on.

    Raises:
        NotFound: the hotel has no such booking.
        WrongStatus: it is not CHECKED_IN.
    """
    hotel, booking = _staffs_booking(transaction, actor, reference)
    _require_step(booking, BookingStatus.CHECKED_OUT)
    room = _assigned_room(transaction, booking)
    booking.checked_out_at = at
    release_nights(transaction, booking, since=today_in(hotel, at))
    data = BookingCheckedOut(booking_id=reference, room_number=room.number, checked_out_at=at)
    log.record(transaction, hotel, data, at=at)
    _take_step(transaction, actor, hotel, booking, BookingStatus.CHECKED_OUT, at=at)
    return booking


def cancel_booking(
    transaction: Transaction, actor: Actor, reference: str, *, reason: str | None, at: datetime
) -> Booking:
    """[guest] PENDING_PAYMENT or CONFIRMED to CANCELLED; the room is free again.

    Raises:
        Forbidden: the caller is the guest of another booking.
        NotFound: there is no such booking, or it is another hotel's.
        WrongStatus: the stay has begun or will not take place.
        BadUserInput: `reason`.
    """
    hotel_id = require_booking_access(actor, reference).hotel_id
    hotel, booking = _booking(transaction, actor, hotel_id, reference)
    _require_step(booking, BookingStatus.CANCELLED)
    booking.cancel_reason = checks.stripped(at_most=checks.SHORT_TEXT)("reason", reason or "")
    booking.cancelled_at = at
    release_nights(transaction, booking, since=booking.arrival)
    _take_step(transaction, actor, hotel, booking, BookingStatus.CANCELLED, at=at)
    return booking


def mark_no_show(transaction: Transaction, actor: Actor, reference: str, *, at: datetime) -> Booking:
    """[staff] CONFIRMED to NO_SHOW; the room is free again.

    Raises:
        NotFound: the hotel has no such booking.
        WrongStatus: it is not CONFIRMED.
    """
    hotel, booking = _staffs_booking(transaction, actor, reference)
    _require_step(booking, BookingStatus.NO_SHOW)
    release_nights(transaction, booking, since=booking.arrival)
    _take_step(transaction, actor, hotel, booking, BookingStatus.NO_SHOW, at=at)
    return booking


def _staffs_booking(transaction: Transaction, actor: Actor, reference: str) -> tuple[Hotel, Booking]:
    return _booking(transaction, actor, require_staff(actor).hotel_id, reference)


def _booking(transaction: Transaction, actor: Actor, hotel_id: int, reference: str) -> tuple[Hotel, Booking]:
    """Take the hotel's turn, then read: what is checked from here on stays true until the commit."""
    hotel = take_turn(transaction, hotel_id)
    return hotel, require_booking(transaction, actor, reference)


def _require_step(booking: Booking, to: BookingStatus) -> None:
    if booking.status not in _COMES_FROM[to]:
        raise WrongStatus(booking.status)


def _take_step(
    transaction: Transaction, actor: Actor, hotel: Hotel, booking: Booking, to: BookingStatus, *, at: datetime
) -> None:
    previous, booking.status = booking.status, to
    transaction.add(booking)
    data = BookingStatusChanged(booking_id=booking.reference, status=to, previous_status=previous)
    log.record(transaction, hotel, data, at=at)
    audit.record(transaction, _AUDITED[to], actor, hotel_id=hotel.id, subject=booking.reference)


def _room_of_hotel(transaction: Transaction, hotel: Hotel, room_id: int) -> tuple[Room, RoomType]:
    statement = select(Room, RoomType).where(
        Room.id == room_id, Room.hotel_id == hotel.id, RoomType.id == Room.room_type_id
    )
    found = transaction.exec(statement).first()
    if found is None:
        raise NotFound("There is no such room.")
    return found


def _assigned_room(transaction: Transaction, booking: Booking) -> Room:
    room = transaction.exec(select(Room).where(Room.id == booking.room_id)).first()
    if room is None:
        raise NoRoomAssigned
    return room
