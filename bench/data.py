"""The hotels and staff that the measured servers know, and the names by which the load asks for them.

Every name, number and token is as long as the next, so that every event is as many bytes on the wire.
"""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlmodel import select

from hotelmate import migrations
from hotelmate.database import Database, Transaction
from hotelmate.events.catalogue import ClockAction, ClockStatusUpdated
from hotelmate.identity import sessions
from hotelmate.models import (
    BridgeCursor,
    EventRecord,
    GalleryImage,
    Hotel,
    HotelSettings,
    Offer,
    RoomType,
    Staff,
    User,
)

FIRST_SEQ = 100_000
_FIRST_ID = 1_000
_LIFETIME = timedelta(days=1)


def slug(hotel: int) -> str:
    """The slug of the hotel with this number, counted from 0."""
    return f"hotel-{hotel:03}"


def token(hotel: int, staff: int = 0) -> str:
    """The session token of a staff member of a hotel, both counted from 0."""
    return f"bench-{hotel:03}-{staff:03}"


def staff_id(staff: int) -> int:
    """The id of a staff member of the first hotel."""
    return _FIRST_ID + staff


def hotel_of(token_: str) -> int:
    """The number of the hotel whose staff member has this token."""
    return int(token_.split("-")[1])


def fill(database: Database, *, hotels: int, staff: int) -> None:
    """Migrate a new database and put hotels with so many staff into it, whose events were all delivered."""
    migrations.upgrade(database)
    with database.transaction() as transaction:
        for number in range(hotels):
            _add_hotel(transaction, number, staff=staff)


def hotel_ids(database: Database) -> list[tuple[int, str]]:
    """Return the id and the epoch of each hotel, by number."""
    with database.reading() as reading:
        return list(reading.exec(select(Hotel.id, Hotel.epoch).order_by(Hotel.slug)))


def _add_hotel(transaction: Transaction, number: int, *, staff: int) -> None:
    at = datetime.now(UTC)
    hotel = Hotel(
        id=_FIRST_ID + number,
        slug=slug(number),
        name=f"Hotel {number:03}",
        seq=FIRST_SEQ,
        epoch=secrets.token_hex(4),
    )
    transaction.add(hotel)
    transaction.flush()
    _add_public_page(transaction, hotel, at)
    transaction.add(BridgeCursor(hotel_id=hotel.id, delivered_seq=FIRST_SEQ))
    for place in range(staff):
        person = _FIRST_ID + number * staff + place
        # Nobody logs in with a password here, and hashing one takes its time.
        transaction.add(User(id=person, username=f"user-{person}", password_hash="-"))  # noqa: S106 - opens nothing
        transaction.flush()
        member = Staff(
            id=person, user_id=person, hotel_id=hotel.id, first_name="Anna", last_name=f"Kelly-{person}"
        )
        transaction.add(member)
        transaction.flush()
        sessions.start(transaction, member, lifetime=_LIFETIME, at=at, token=token(number, place))


def _add_public_page(transaction: Transaction, hotel: Hotel, at: datetime) -> None:
    transaction.add(
        HotelSettings(
            hotel_id=hotel.id,
            tagline="Between the lakes and the mountains",
            short_description="A family-run hotel.",
            long_description="It has been looking after its guests for three generations.",
            amenities=["Free WiFi", "Breakfast", "Parking"],
            updated_at=at,
        )
    )
    for place in range(3):
        url = f"https://pictures.example/{hotel.slug}-{place}.jpg"
        transaction.add(GalleryImage(hotel_id=hotel.id, url=url, public_id=str(place), position=place))
        transaction.add(
            RoomType(
                hotel_id=hotel.id,
                code=f"type-{place}",
                name=f"Double {place}",
                short_description="A quiet double room.",
                max_occupancy=2,
                sort_order=place,
            )
        )
        transaction.add(
            Offer(
                hotel_id=hotel.id,
                title="Two nights, one dinner",
                short_description="Stay two nights and dine with us on one of them.",
                tag="Popular",
                sort_order=place,
                created_at=at,
            )
        )


def add_backlog(database: Database, *, events: int) -> None:
    """Record so many events for each hotel, none of them delivered."""
    at = datetime.now(UTC)
    with database.transaction() as transaction:
        for hotel in transaction.exec(select(Hotel)).all():
            rows = [
                {
                    "hotel_id": hotel.id,
                    "seq": hotel.seq + number,
                    "type": "ClockStatusUpdated",
                    "data": clock_in(at).model_dump_json(),
                    "occurred_at": at,
                }
                for number in range(1, events + 1)
            ]
            transaction.execute(insert(EventRecord), rows)
            hotel.seq += events


def clock_in(at: datetime) -> ClockStatusUpdated:
    """What the first of the staff going on duty says."""
    return ClockStatusUpdated(
        user_id=_FIRST_ID,
        staff_id=_FIRST_ID,
        is_on_duty=True,
        clock_time=at,
        first_name="Anna",
        last_name=f"Kelly-{_FIRST_ID}",
        action=ClockAction.CLOCK_IN,
    )
