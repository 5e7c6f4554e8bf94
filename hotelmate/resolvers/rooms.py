"""Rooms, and which booking holds which room for which nights."""

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from sqlalchemy import exists
from sqlmodel import col, delete, select

from hotelmate.database import Reading, Transaction
from hotelmate.errors import BadUserInput, Conflict, NotFound
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.models import Booking, BookingStatus, Room, RoomNight
from hotelmate.resolvers.checks import is_storable
from hotelmate.resolvers.room_types import room_type_of


class RoomTaken(Conflict):
    """Another booking holds the room for one of the nights."""

    def __init__(self) -> None:
        super().__init__("The room is taken for one of the nights.")


class RoomOccupied(Conflict):
    """The guests of another booking are still in the room."""

    def __init__(self) -> None:
        super().__init__("The room is still occupied.")


def rooms(
    reading: Reading,
    actor: Actor,
    *,
    room_type_id: int | None,
    free_from: date | None,
    free_to: date | None,
) -> list[Room]:
    """[staff] Return the hotel's rooms by number, 9 before 10.

    Args:
        reading: the session.
        actor: the caller.
        room_type_id: only rooms of this type.
        free_from: only rooms that no booking holds from this night on …
        free_to: … up to this departure. Both or neither.

    Raises:
        NotFound: the hotel has no such room type.
        BadUserInput: `freeFrom` or `freeTo`.
    """
    hotel_id = require_staff(actor).hotel_id
    statement = select(Room).where(Room.hotel_id == hotel_id)
    if room_type_id is not None:
        room_type = room_type_of(reading, hotel_id, room_type_id)
        statement = statement.where(Room.room_type_id == room_type.id)
    nights = _nights_asked_for(free_from, free_to)
    if nights is not None:
        held = exists().where(
            col(RoomNight.room_id) == Room.id,
            col(RoomNight.night) >= nights[0],
            col(RoomNight.night) < nights[1],
        )
        statement = statement.where(~held)
    return in_natural_order(reading.exec(statement))


def in_natural_order(rooms: Iterable[Room]) -> list[Room]:
    """Return rooms by number, 9 before 10."""
    return sorted(rooms, key=_natural_order)


def room_numbered(reading: Reading, actor: Actor, number: str) -> Room:
    """[staff] Return the room of the hotel with this number on its door.

    Raises:
        NotFound: the hotel has no such room.
    """
    hotel_id = require_staff(actor).hotel_id
    room = None
    if is_storable(number):
        room = reading.exec(select(Room).where(Room.hotel_id == hotel_id, Room.number == number)).first()
    if room is None:
        raise NotFound("There is no such room.")
    return room


def occupied_rooms(reading: Reading, room_ids: Collection[int]) -> set[int]:
    """Return which of these rooms have guests in them."""
    statement = select(Booking.room_id).where(
        col(Booking.room_id).in_(room_ids), Booking.status == BookingStatus.CHECKED_IN
    )
    return {room_id for room_id in reading.exec(statement) if room_id is not None}


def hold_nights(transaction: Transaction, booking: Booking, room: Room) -> None:
    """Have the booking hold a room for its nights in place of the room before; the hotel's turn is taken.

    Raises:
        RoomTaken: a booking holds it for one of them.
    """
    held = select(RoomNight).where(
        RoomNight.room_id == room.id,
        col(RoomNight.night) >= booking.arrival,
        col(RoomNight.night) < booking.departure,
    )
    if transaction.exec(held).first() is not None:
        raise RoomTaken
    release_nights(transaction, booking, since=booking.arrival)
    transaction.add_all(
        RoomNight(room_id=room.id, night=booking.arrival + timedelta(days=night), booking_id=booking.id)
        for night in range(booking.nights)
    )


def release_nights(transaction: Transaction, booking: Booking, *, since: date) -> None:
    """Give up the nights that the booking holds from a date on."""
    transaction.exec(
        delete(RoomNight).where(col(RoomNight.booking_id) == booking.id, col(RoomNight.night) >= since)
    )


def require_unoccupied(transaction: Transaction, room: Room) -> None:
    """Make sure that nobody is in the room; the hotel's turn is taken.

    Raises:
        RoomOccupied: somebody is.
    """
    if occupied_rooms(transaction, [room.id]):
        raise RoomOccupied


def _nights_asked_for(free_from: date | None, free_to: date | None) -> tuple[date, date] | None:
    if free_from is None and free_to is None:
        return None
    if free_from is None:
        raise BadUserInput("freeFrom", "Send both dates or neither.")
    if free_to is None:
        raise BadUserInput("freeTo", "Send both dates or neither.")
    if free_to <= free_from:
        raise BadUserInput("freeTo", "This must be after freeFrom.")
    return free_from, free_to


def _natural_order(room: Room) -> tuple[list[tuple[bool, int, str]], str]:
    """Digits count as numbers, and come before letters."""
    parts = [
        (False, int(part), "") if part.isdecimal() else (True, 0, part)
        for part in re.findall(r"\d+|\D+", room.number)
    ]
    return parts, room.number
