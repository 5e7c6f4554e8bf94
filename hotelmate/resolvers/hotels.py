"""Reading hotels and what belongs to them; for many at once wherever a list could ask per row."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from hotelmate.database import Reading
from hotelmate.errors import NotFound
from hotelmate.events.cursor import Cursor
from hotelmate.identity.actors import StaffActor
from hotelmate.models import GalleryImage, Hotel, HotelSettings, Room, RoomType
from hotelmate.resolvers.checks import is_storable
from hotelmate.resolvers.paging import Page, page

OfHotel = TypeVar("OfHotel", GalleryImage, RoomType)


def get_hotel(reading: Reading, slug: str) -> Hotel | None:
    """[public] Return the active hotel with this slug."""
    if not is_storable(slug):
        return None
    return reading.exec(select(Hotel).where(Hotel.slug == slug, col(Hotel.is_active))).first()


def require_hotel(reading: Reading, slug: str) -> Hotel:
    """[public] Return the active hotel with this slug.

    Raises:
        NotFound: there is none.
    """
    hotel = get_hotel(reading, slug)
    if hotel is None:
        raise NotFound("There is no such hotel.")
    return hotel


def own_hotel(reading: Reading, staff: StaffActor) -> Hotel:
    """Return the hotel that a staff member works for."""
    return reading.exec(select(Hotel).where(Hotel.id == staff.hotel_id)).one()


def hotels(reading: Reading, *, first: int, after: str | None) -> Page[Hotel]:
    """[public] Return active hotels by sort order, then name.

    Raises:
        BadUserInput: `first` or `after`.
    """
    statement = select(Hotel).where(col(Hotel.is_active))
    return page(reading, statement, keys=(Hotel.sort_order, Hotel.name, Hotel.id), first=first, after=after)


def cursor_of(hotel: Hotel) -> str:
    """Return where the hotel's log stood when the row was read, for `after`."""
    return str(Cursor(hotel.epoch, hotel.seq))


def today_in(hotel: Hotel, at: datetime) -> date:
    """Return the date that the hotel's wall calendar shows at a time."""
    return at.astimezone(ZoneInfo(hotel.timezone)).date()


def hotels_by_id(reading: Reading, ids: Collection[int]) -> dict[int, Hotel]:
    """Return the hotels with these ids; what there is not is absent."""
    return {hotel.id: hotel for hotel in reading.exec(select(Hotel).where(col(Hotel.id).in_(ids)))}


def settings_by_hotel(reading: Reading, hotel_ids: Collection[int]) -> dict[int, HotelSettings]:
    """Return the settings of these hotels."""
    rows = reading.exec(select(HotelSettings).where(col(HotelSettings.hotel_id).in_(hotel_ids)))
    return {row.hotel_id: row for row in rows}


def gallery_by_hotel(reading: Reading, hotel_ids: Collection[int]) -> dict[int, list[GalleryImage]]:
    """Return each hotel's gallery in its order; every hotel has an entry."""
    statement = (
        select(GalleryImage)
        .where(col(GalleryImage.hotel_id).in_(hotel_ids))
        .order_by(col(GalleryImage.position), col(GalleryImage.id))
    )
    return _grouped(reading.exec(statement), hotel_ids)


def room_types_by_hotel(reading: Reading, hotel_ids: Collection[int]) -> dict[int, list[RoomType]]:
    """Return each hotel's room types by sort order; every hotel has an entry."""
    statement = (
        select(RoomType)
        .where(col(RoomType.hotel_id).in_(hotel_ids))
        .order_by(col(RoomType.sort_order), col(RoomType.id))
    )
    return _grouped(reading.exec(statement), hotel_ids)


def room_types_by_id(reading: Reading, ids: Collection[int]) -> dict[int, RoomType]:
    """Return the room types with these ids; what there is not is absent."""
    return {row.id: row for row in reading.exec(select(RoomType).where(col(RoomType.id).in_(ids)))}


def rooms_by_id(reading: Reading, ids: Collection[int]) -> dict[int, Room]:
    """Return the rooms with these ids; what there is not is absent."""
    return {row.id: row for row in reading.exec(select(Room).where(col(Room.id).in_(ids)))}


def _grouped(rows: Iterable[OfHotel], hotel_ids: Collection[int]) -> dict[int, list[OfHotel]]:
    groups: defaultdict[int, list[OfHotel]] = defaultdict(list)
    for row in rows:
        groups[row.hotel_id].append(row)
    return {hotel_id: groups[hotel_id] for hotel_id in hotel_ids}
