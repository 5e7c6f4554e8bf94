"""A list never asks per row: how many statements a query takes does not depend on how much it finds."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, select

from hotelmate.database import Database
from hotelmate.identity.guest_tokens import new_nonce
from hotelmate.models import (
    Booking,
    BookingStatus,
    GalleryImage,
    Hotel,
    HotelSettings,
    Offer,
    Room,
    RoomType,
    Shift,
    Staff,
)
from tests.schema.api import ANNA, Api

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = """
    id slug name cursor
    settings { heroImage heroImageDisplay tagline amenities theme { mode primaryColor } updatedAt }
    gallery { url publicId }
    roomTypes { id code name maxOccupancy photoUrl }
    offers { id title validFrom validTo photoUrl createdAt }
"""


def test_the_public_page_takes_five_statements(api: Api) -> None:
    with api.statements() as sent:
        page = api.data('{ hotel(slug: "killarney") {' + PAGE + "} }")["hotel"]
    assert tables(sent) == ["hotel", "hotel_settings", "gallery_image", "room_type", "offer"]
    assert (len(page["gallery"]), len(page["roomTypes"]), len(page["offers"])) == (3, 3, 3)


def test_public_pages_of_all_hotels_take_as_many_as_one(api: Api) -> None:
    add_hotels(api.database, 48)
    with api.statements() as sent:
        edges = api.data("{ hotels(first: 50) { edges { node {" + PAGE + "} } } }")["hotels"]["edges"]
    assert tables(sent) == ["hotel", "hotel_settings", "gallery_image", "room_type", "offer"]
    assert len(edges) == 50
    last = edges[-1]["node"]
    assert last["settings"]["tagline"] == "Tagline of hotel-47"
    assert [image["url"] for image in last["gallery"]] == ["https://pictures.example/hotel-47.jpg"]
    assert [room_type["name"] for room_type in last["roomTypes"]] == ["Room of hotel-47"]
    assert [offer["title"] for offer in last["offers"]] == ["Offer of hotel-47"]


def test_fifty_bookings_with_their_rooms_take_six_statements(api: Api) -> None:
    add_bookings(api.database, 50)
    document = """{ bookings(first: 50) { edges { node {
        id status cursor wifi { name } hotel { name settings { tagline } } roomType { name }
        room { number isOccupied roomType { name } }
    } } } }"""
    with api.statements() as sent:
        edges = api.data(document, ANNA)["bookings"]["edges"]
    assert tables(sent[1:]) == ["booking", "hotel", "hotel_settings", "room_type", "room", "booking"]
    assert len(edges) == 50
    assert {edge["node"]["room"]["number"] for edge in edges} == {"101", "102", "103", "104"}


def test_shifts_with_their_staff_and_hotel_take_three_statements(api: Api) -> None:
    add_shifts(api.database, 40)
    document = "{ shifts { edges { node { staff { firstName hotel { name cursor } } } } } }"
    with api.statements() as sent:
        edges = api.data(document, ANNA)["shifts"]["edges"]
    assert tables(sent[1:]) == ["shift", "staff", "hotel"]
    assert [edge["node"]["staff"]["firstName"] for edge in edges] == ["Anna", "Ben"] * 20


def test_staff_with_their_hotel_take_two_statements(api: Api) -> None:
    with api.statements() as sent:
        edges = api.data("{ staff { edges { node { hotel { slug } } } } }", ANNA)["staff"]["edges"]
    assert tables(sent[1:]) == ["staff", "hotel"]
    assert len(edges) == 2


def test_rooms_with_their_types_and_guests_take_three_statements(api: Api) -> None:
    with api.statements() as sent:
        rooms = api.data("{ rooms { number isOccupied roomType { name } } }", ANNA)["rooms"]
    assert tables(sent[1:]) == ["room", "booking", "room_type"]
    assert [room["number"] for room in rooms if room["isOccupied"]] == ["103"]


def tables(statements: list[str]) -> list[str]:
    """The table that each statement reads; a caller's log-in is looked up with the first."""
    return [statement.partition("FROM ")[2].split()[0].strip(",") for statement in statements]


def add_hotels(database: Database, count: int) -> None:
    with database.transaction() as transaction:
        for number in range(count):
            slug = f"hotel-{number}"
            hotel = Hotel(slug=slug, name=slug, sort_order=10 + number, epoch="test")
            transaction.add(hotel)
            transaction.flush()
            transaction.add_all(
                [
                    HotelSettings(hotel_id=hotel.id, tagline=f"Tagline of {slug}", updated_at=NOW),
                    GalleryImage(
                        hotel_id=hotel.id, url=f"https://pictures.example/{slug}.jpg", public_id=slug
                    ),
                    RoomType(hotel_id=hotel.id, code="room", name=f"Room of {slug}", max_occupancy=2),
                    Offer(hotel_id=hotel.id, title=f"Offer of {slug}", short_description="", created_at=NOW),
                ]
            )


def add_bookings(database: Database, count: int) -> None:
    with database.transaction() as transaction:
        rooms = transaction.exec(select(Room).order_by(col(Room.id)).limit(4)).all()
        for number in range(count):
            room = rooms[number % 4]
            transaction.add(
                Booking(
                    reference=f"BK-1999-{number:04}",
                    hotel_id=room.hotel_id,
                    room_type_id=room.room_type_id,
                    room_id=room.id,
                    status=BookingStatus.CHECKED_OUT,
                    guest_name="Ada Lovelace",
                    guest_email="ada@guests.example",
                    arrival=date(2026, 1, 1) + timedelta(days=number),
                    departure=date(2026, 1, 2) + timedelta(days=number),
                    created_at=NOW,
                    guest_token_nonce=new_nonce(),
                )
            )


def add_shifts(database: Database, count: int) -> None:
    with database.transaction() as transaction:
        anna, ben = transaction.exec(select(Staff).order_by(col(Staff.id)).limit(2)).all()
        for number in range(count):
            start = NOW - timedelta(hours=number)
            staff = (anna, ben)[number % 2]
            transaction.add(Shift(staff_id=staff.id, clock_in=start, clock_out=start + timedelta(minutes=30)))
