"""The demo's data: two hotels with all that a frontend shows, in a state that invites to try things.

Its passwords and tokens are published, so it belongs on loopback only (`Settings` sees to that).
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from hotelmate.database import Reading, Transaction
from hotelmate.events.cursor import new_epoch
from hotelmate.identity import sessions
from hotelmate.identity.guest_tokens import new_nonce
from hotelmate.identity.passwords import hash_password
from hotelmate.media.pictures import Pictures
from hotelmate.media.storage import Location
from hotelmate.models import (
    Booking,
    BookingStatus,
    GalleryImage,
    Hotel,
    HotelSettings,
    Offer,
    Room,
    RoomNight,
    RoomType,
    Staff,
    User,
)
from hotelmate.resolvers.bookings import next_reference

PASSWORD = "demo"  # noqa: S105 - published, and only ever on loopback
_TOKEN_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True)
class DemoHotel:
    """What is particular to one of the demo's hotels."""

    slug: str
    name: str
    tagline: str
    address: str
    staff: tuple[tuple[str, str, str], ...]
    """(user name, first name, last name)"""


HOTELS = (
    DemoHotel(
        slug="killarney",
        name="Hotel Killarney",
        tagline="Between the lakes and the mountains",
        address="Muckross Road, Killarney, Co. Kerry",
        staff=(("anna", "Anna", "Kelly"), ("ben", "Ben", "Murphy")),
    ),
    DemoHotel(
        slug="dublin",
        name="Hotel Dublin",
        tagline="On the quays, in the middle of it all",
        address="Bachelors Walk, Dublin 1",
        staff=(("carla", "Carla", "Byrne"),),
    ),
)
GALLERY = ("lobby", "garden", "restaurant")
PICTURES = tuple(f"{hotel.slug}/{name}" for hotel in HOTELS for name in ("hero", *GALLERY))
_NOWHERE = {word: Location(f"https://pictures.example/{word}.jpg", word) for word in PICTURES}
ROOM_TYPES = (
    # code, name, description, guests, room numbers
    ("standard", "Standard Double", "A quiet double room.", 2, ("101", "102", "103", "104")),
    ("family", "Family Room", "A double and two single beds.", 4, ("201", "202", "203")),
    ("suite", "Corner Suite", "Two rooms and a view.", 3, ("301",)),
)
OFFERS = (
    ("Two nights, one dinner", "Stay two nights and dine with us on one of them.", "Popular"),
    ("Families welcome", "Children under twelve stay free.", "Family"),
    ("Midweek escape", "A fifth less from Monday to Thursday.", "Midweek"),
)
GUESTS = (
    # name, status, nights from today, nights, has a room
    ("Grace O'Malley", BookingStatus.PENDING_PAYMENT, 14, 2, False),
    ("Brian Boru", BookingStatus.CONFIRMED, 0, 3, True),
    ("Maeve Connacht", BookingStatus.CHECKED_IN, -1, 3, True),
    ("Oscar Wilde", BookingStatus.CHECKED_OUT, -5, 2, True),
    ("Molly Malone", BookingStatus.CANCELLED, 7, 1, False),
    ("Fionn MacCool", BookingStatus.NO_SHOW, -3, 1, False),
)


def is_empty(reading: Reading) -> bool:
    """Whether the database holds no hotel yet."""
    return reading.exec(select(Hotel.id).limit(1)).first() is None


def draw_pictures(pictures: Pictures) -> dict[str, Location]:
    """Draw each of PICTURES and keep it. That takes a second, and belongs in no transaction.

    Raises:
        StorageUnavailable: the store failed.
    """
    # Pillow is slow to import, and needed only once.
    from hotelmate.media.samples import landscape  # noqa: PLC0415 - as said above

    def draw(word: str) -> Location:
        return pictures.take_in(landscape(word), field="image")

    with ThreadPoolExecutor(2) as threads:
        return dict(zip(PICTURES, threads.map(draw, PICTURES), strict=True))


def seed(transaction: Transaction, *, at: datetime, pictures: Mapping[str, Location] = _NOWHERE) -> None:
    """Fill an empty database with the demo's hotels; `pictures` says where each of PICTURES is."""
    for place, described in enumerate(HOTELS):
        hotel = Hotel(
            slug=described.slug,
            name=described.name,
            sort_order=place,
            timezone="Europe/Dublin",
            epoch=new_epoch(),
            log_complete_after=at,
        )
        transaction.add(hotel)
        transaction.flush()
        _add_staff(transaction, hotel, described, at)
        _add_public_page(transaction, hotel, described, pictures, at)
        rooms = _add_rooms(transaction, hotel)
        _add_bookings(transaction, hotel, rooms, at)


def _add_staff(transaction: Transaction, hotel: Hotel, described: DemoHotel, at: datetime) -> None:
    for username, first_name, last_name in described.staff:
        user = User(username=username, password_hash=hash_password(PASSWORD))
        transaction.add(user)
        transaction.flush()
        staff = Staff(user_id=user.id, hotel_id=hotel.id, first_name=first_name, last_name=last_name)
        transaction.add(staff)
        transaction.flush()
        sessions.start(transaction, staff, lifetime=_TOKEN_LIFETIME, at=at, token=f"demo-{username}")


def _add_public_page(
    transaction: Transaction,
    hotel: Hotel,
    described: DemoHotel,
    pictures: Mapping[str, Location],
    at: datetime,
) -> None:
    hero = pictures[f"{hotel.slug}/hero"]
    transaction.add(
        HotelSettings(
            hotel_id=hotel.id,
            hero_image=hero.url,
            hero_image_page_url=hero.page_url,
            tagline=described.tagline,
            short_description=f"{described.name} is a family-run hotel.",
            long_description=f"{described.name} has been looking after its guests for three generations.",
            welcome_message="Céad míle fáilte!",
            amenities=["Free WiFi", "Breakfast", "Parking"],
            contact_email=f"hello@{hotel.slug}.example",
            contact_phone="+353 1 555 0100",
            contact_address=described.address,
            website=f"https://{hotel.slug}.example",
            wifi_name=f"{described.name} Guests",
            wifi_password=f"welcome-to-{hotel.slug}",
            updated_at=at,
        )
    )
    for position, name in enumerate(GALLERY):
        image = pictures[f"{hotel.slug}/{name}"]
        transaction.add(
            GalleryImage(hotel_id=hotel.id, url=image.url, public_id=image.public_id, position=position)
        )
    for order, (title, short_description, tag) in enumerate(OFFERS):
        transaction.add(
            Offer(
                hotel_id=hotel.id,
                title=title,
                short_description=short_description,
                tag=tag,
                book_now_url=f"https://{hotel.slug}.example/book",
                sort_order=order,
                created_at=at,
            )
        )


def _add_rooms(transaction: Transaction, hotel: Hotel) -> list[Room]:
    rooms: list[Room] = []
    for order, (code, name, description, guests, numbers) in enumerate(ROOM_TYPES):
        room_type = RoomType(
            hotel_id=hotel.id,
            code=code,
            name=name,
            short_description=description,
            max_occupancy=guests,
            sort_order=order,
        )
        transaction.add(room_type)
        transaction.flush()
        rooms += [Room(hotel_id=hotel.id, room_type_id=room_type.id, number=number) for number in numbers]
    transaction.add_all(rooms)
    transaction.flush()
    return rooms


def _add_bookings(transaction: Transaction, hotel: Hotel, rooms: list[Room], at: datetime) -> None:
    for (name, status, starts_in, nights, has_room), room in zip(GUESTS, rooms, strict=False):
        arrival = at.date() + timedelta(days=starts_in)
        departure = arrival + timedelta(days=nights)
        booking = Booking(
            reference=next_reference(transaction, at.year),
            hotel_id=hotel.id,
            room_type_id=room.room_type_id,
            room_id=room.id if has_room else None,
            status=status,
            guest_name=name,
            guest_email=f"{name.split()[0].lower()}@guests.example",
            arrival=arrival,
            departure=departure,
            room_assigned_at=at if has_room else None,
            created_at=at,
            guest_token_nonce=new_nonce(),
        )
        arrived, left = at - timedelta(days=1), at
        if status in {BookingStatus.CHECKED_IN, BookingStatus.CHECKED_OUT}:
            booking.checked_in_at = arrived
        if status is BookingStatus.CHECKED_OUT:
            booking.checked_out_at = left
        if status is BookingStatus.CANCELLED:
            booking.cancelled_at = at
        transaction.add(booking)
        transaction.flush()
        if booking.room_id is not None:
            transaction.add_all(
                RoomNight(
                    room_id=booking.room_id, night=arrival + timedelta(days=night), booking_id=booking.id
                )
                for night in range(nights)
            )
