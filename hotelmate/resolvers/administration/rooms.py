"""A hotel's room types and rooms, made and changed by whoever runs the server.

Nothing is removed, and a number that bookings name stays: what the events of a hotel say goes on being true.
"""

import re
from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.errors import Conflict, NotFound
from hotelmate.models import Booking, Hotel, Room, RoomType
from hotelmate.resolvers import checks
from hotelmate.resolvers.administration.hotels import any_hotel
from hotelmate.resolvers.checks import Check
from hotelmate.resolvers.hotels import room_types_by_hotel
from hotelmate.resolvers.rooms import in_natural_order

_CODE = re.compile(r"[A-Za-z0-9_-]+")

_CHECKS: Mapping[str, Check[object]] = {
    "code": checks.matching(_CODE, "A code is made of letters, digits, - and _.", at_most=50),
    "name": checks.filled(at_most=checks.NAME),
    "short_description": checks.text(at_most=checks.SHORT_TEXT),
    "max_occupancy": checks.integer(at_least=1),
    "sort_order": checks.integer(),
}
_number = checks.filled(at_most=20)


class CodeTaken(Conflict):
    """Another room type of the hotel has this code."""


class NumberTaken(Conflict):
    """Another room of the hotel has this number."""


class NumberInUse(Conflict):
    """Bookings and their events name a room by the number that is to be changed."""


def room_types(reading: Reading, slug: str) -> list[RoomType]:
    """Return a hotel's room types as its public page has them.

    Raises:
        NotFound: there is no such hotel.
    """
    hotel_id = any_hotel(reading, slug).id
    return room_types_by_hotel(reading, [hotel_id])[hotel_id]


def create_room_type(transaction: Transaction, slug: str, values: Mapping[str, object]) -> RoomType:
    """Make a kind of room that can be booked.

    Args:
        transaction: what the change becomes part of.
        slug: the hotel's.
        values: `code`, `name`, `max_occupancy`, and if need be `short_description` and `sort_order`.

    Raises:
        NotFound: there is no such hotel.
        BadUserInput: the value that cannot be accepted.
        CodeTaken: the hotel has such a room type.
    """
    hotel = take_turn(transaction, any_hotel(transaction, slug).id)
    accepted = checks.accept(values, _CHECKS)
    _require_free_code(transaction, hotel.id, accepted["code"])
    created = RoomType(hotel_id=hotel.id, **accepted)
    transaction.add(created)
    transaction.flush()
    return created


def change_room_type(
    transaction: Transaction, slug: str, code: str, values: Mapping[str, object]
) -> RoomType:
    """Change what is given of a room type; bookings that were made stay as they are.

    Raises:
        NotFound: there is no such hotel, or it has no such room type.
        BadUserInput: the value that cannot be accepted.
        CodeTaken: another one has the new code.
    """
    hotel = take_turn(transaction, any_hotel(transaction, slug).id)
    changed = _require_room_type(transaction, hotel, code)
    accepted = checks.accept(values, _CHECKS)
    if accepted.get("code", code) != code:
        _require_free_code(transaction, hotel.id, accepted["code"])
    for name, value in accepted.items():
        setattr(changed, name, value)
    transaction.add(changed)
    return changed


def rooms(reading: Reading, slug: str) -> list[tuple[Room, RoomType]]:
    """Return a hotel's rooms with their types, by number.

    Raises:
        NotFound: there is no such hotel.
    """
    types = {room_type.id: room_type for room_type in room_types(reading, slug)}
    of_hotel = select(Room).where(col(Room.room_type_id).in_(types))
    return [(room, types[room.room_type_id]) for room in in_natural_order(reading.exec(of_hotel))]


def create_rooms(transaction: Transaction, slug: str, code: str, numbers: Sequence[str]) -> list[Room]:
    """Make rooms of one type, all or none.

    Raises:
        NotFound: there is no such hotel, or it has no such room type.
        BadUserInput: `number`, one that cannot be accepted.
        NumberTaken: the hotel has such a room, or the number is given twice.
    """
    hotel = take_turn(transaction, any_hotel(transaction, slug).id)
    room_type = _require_room_type(transaction, hotel, code)
    created: list[Room] = []
    for given in numbers:
        number = _number("number", given)
        _require_free_number(transaction, hotel.id, number)
        room = Room(hotel_id=hotel.id, room_type_id=room_type.id, number=number)
        transaction.add(room)
        transaction.flush()
        created.append(room)
    return created


def renumber_room(transaction: Transaction, slug: str, number: str, new_number: str) -> Room:
    """Give a room that no booking ever had another number.

    Raises:
        NotFound: there is no such hotel, or it has no such room.
        BadUserInput: `number`, the new one cannot be accepted.
        NumberTaken: another room has it.
        NumberInUse: a booking names the room.
    """
    hotel = take_turn(transaction, any_hotel(transaction, slug).id)
    room = _room(transaction, hotel.id, number)
    if room is None:
        raise NotFound(f"The hotel has no room {number!r}; `hotelmate room list {slug}` shows its rooms.")
    if transaction.exec(select(Booking).where(Booking.room_id == room.id)).first() is not None:
        raise NumberInUse(f"Bookings name room {number}; its number stays.")
    chosen = _number("number", new_number)
    _require_free_number(transaction, hotel.id, chosen)
    room.number = chosen
    transaction.add(room)
    return room


def _require_room_type(reading: Reading, hotel: Hotel, code: str) -> RoomType:
    found = _room_type(reading, hotel.id, code)
    if found is None:
        listed = f"`hotelmate room-type list {hotel.slug}` shows those that there are"
        raise NotFound(f"The hotel has no room type {code!r}; {listed}.")
    return found


def _room_type(reading: Reading, hotel_id: int, code: str) -> RoomType | None:
    return reading.exec(select(RoomType).where(RoomType.hotel_id == hotel_id, RoomType.code == code)).first()


def _room(reading: Reading, hotel_id: int, number: str) -> Room | None:
    return reading.exec(select(Room).where(Room.hotel_id == hotel_id, Room.number == number)).first()


def _require_free_code(transaction: Transaction, hotel_id: int, code: str) -> None:
    if _room_type(transaction, hotel_id, code) is not None:
        raise CodeTaken(f"The hotel has a room type {code!r} already.")


def _require_free_number(transaction: Transaction, hotel_id: int, number: str) -> None:
    if _room(transaction, hotel_id, number) is not None:
        raise NumberTaken(f"The hotel has a room {number!r} already.")
