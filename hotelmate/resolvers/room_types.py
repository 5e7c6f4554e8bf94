"""Room types and their photos."""

from datetime import datetime

from sqlmodel import select

from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.errors import NotFound
from hotelmate.events import log
from hotelmate.events.catalogue import RoomTypeImageUpdated
from hotelmate.identity import audit
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.media.storage import Location
from hotelmate.models import AuditAction, RoomType
from hotelmate.resolvers import checks


def room_type_of(reading: Reading, hotel_id: int, room_type_id: int) -> RoomType:
    """Return a room type of a hotel.

    Raises:
        NotFound: the hotel has no such room type.
    """
    statement = select(RoomType).where(RoomType.id == room_type_id, RoomType.hotel_id == hotel_id)
    found = reading.exec(statement).first()
    if found is None:
        raise NotFound("There is no such room type.")
    return found


def own_room_type(reading: Reading, actor: Actor, room_type_id: int) -> RoomType:
    """[staff] Return a room type of the caller's own hotel.

    Raises:
        NotFound: the hotel has no such room type.
    """
    return room_type_of(reading, require_staff(actor).hotel_id, room_type_id)


def set_room_type_photo(
    transaction: Transaction, actor: Actor, room_type_id: int, photo: Location | str, *, at: datetime
) -> RoomType:
    """[staff] Give a room type a photo; that is told even when it is the one that it has.

    Args:
        transaction: what the change becomes part of.
        actor: the caller.
        room_type_id: whose photo it is.
        photo: one that was kept, or the address of one.
        at: now.

    Raises:
        NotFound: the hotel has no such room type.
        BadUserInput: `photoUrl`, an address that cannot be accepted.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    room_type = room_type_of(transaction, hotel.id, room_type_id)
    url = photo.url if isinstance(photo, Location) else checks.image_url("photoUrl", photo)
    room_type.photo_url = url
    transaction.add(room_type)
    log.record(transaction, hotel, RoomTypeImageUpdated(room_type_id=room_type.id, photo_url=url), at=at)
    done = AuditAction.ROOM_TYPE_IMAGE_UPDATED
    audit.record(transaction, done, actor, hotel_id=hotel.id, subject=room_type.code)
    return room_type
