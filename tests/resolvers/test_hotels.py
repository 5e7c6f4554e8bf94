"""Hotels and what belongs to them, for many at once in one statement each."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.errors import NotFound
from hotelmate.events import cursor as cursors
from hotelmate.models import GalleryImage, Hotel, Room
from hotelmate.resolvers import hotels
from tests.resolvers.steps import look


def test_a_hotel_is_found_by_its_slug(database: Database, killarney: Hotel) -> None:
    found = look(database, hotels.get_hotel, "killarney")
    assert found is not None
    assert found.id == killarney.id


def test_an_unknown_slug_is_nobodys(database: Database) -> None:
    for slug in ["", "Killarney", "nowhere", "killar\0ney", "\ud800"]:
        assert look(database, hotels.get_hotel, slug) is None
        with pytest.raises(NotFound):
            look(database, hotels.require_hotel, slug)


def test_a_hotel_that_is_not_active_is_not_there(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        transaction.get_one(Hotel, killarney.id).is_active = False
    assert look(database, hotels.get_hotel, "killarney") is None
    page = look(database, hotels.hotels, first=20, after=None)
    assert [hotel.slug for hotel in page.rows] == ["dublin"]


def test_active_hotels_are_listed_by_sort_order(database: Database) -> None:
    page = look(database, hotels.hotels, first=20, after=None)
    assert [hotel.slug for hotel in page.rows] == ["killarney", "dublin"]


def test_a_hotels_cursor_is_where_its_log_stands() -> None:
    hotel = Hotel(id=1, slug="a", name="A", epoch="abcd", seq=7)
    assert cursors.parse(hotels.cursor_of(hotel)) == cursors.Cursor("abcd", 7)


@pytest.mark.parametrize(
    ("timezone", "today"),
    [
        ("UTC", date(2040, 6, 15)),
        ("Europe/Dublin", date(2040, 6, 16)),
        ("Pacific/Auckland", date(2040, 6, 16)),
        ("America/New_York", date(2040, 6, 15)),
    ],
)
def test_today_is_what_the_hotels_own_calendar_shows(timezone: str, today: date) -> None:
    hotel = Hotel(slug="a", name="A", epoch="e", timezone=timezone)
    assert hotels.today_in(hotel, datetime(2040, 6, 15, 23, 30, tzinfo=UTC)) == today


def test_what_belongs_to_many_hotels_is_read_in_one_statement_each(
    database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    ids = [killarney.id, dublin.id]
    statements: list[str] = []

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    with database.reading() as reading:
        rooms = {room.id: room.number for room in reading.exec(select(Room))}
        event.listen(reading.get_bind(), "before_cursor_execute", count)
        found_hotels = hotels.hotels_by_id(reading, ids)
        settings = hotels.settings_by_hotel(reading, ids)
        galleries = hotels.gallery_by_hotel(reading, ids)
        room_types = hotels.room_types_by_hotel(reading, ids)
        by_id = hotels.room_types_by_id(reading, [row.id for rows in room_types.values() for row in rows])
        rooms_by_id = hotels.rooms_by_id(reading, list(rooms))
        event.remove(reading.get_bind(), "before_cursor_execute", count)
    assert len(statements) == 6
    assert {row_id: hotel.slug for row_id, hotel in found_hotels.items()} == {
        killarney.id: "killarney",
        dublin.id: "dublin",
    }
    assert settings[dublin.id].tagline == "On the quays, in the middle of it all"
    assert [image.url for image in galleries[killarney.id]] == [
        "https://pictures.example/killarney/lobby.jpg",
        "https://pictures.example/killarney/garden.jpg",
        "https://pictures.example/killarney/restaurant.jpg",
    ]
    assert [row.code for row in room_types[dublin.id]] == ["standard", "family", "suite"]
    assert [row.code for row in by_id.values()].count("suite") == 2
    assert {room.id: room.number for room in rooms_by_id.values()} == rooms


def test_a_gallery_is_read_in_its_own_order(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        for image in transaction.exec(select(GalleryImage).where(GalleryImage.hotel_id == killarney.id)):
            image.position = -image.position
    gallery = look(database, hotels.gallery_by_hotel, [killarney.id])[killarney.id]
    assert [image.public_id for image in gallery] == [
        "killarney/restaurant",
        "killarney/garden",
        "killarney/lobby",
    ]


def test_a_hotel_without_any_has_an_empty_entry_and_what_there_is_not_is_absent(database: Database) -> None:
    assert look(database, hotels.gallery_by_hotel, [999_999]) == {999_999: []}
    assert look(database, hotels.room_types_by_hotel, [999_999]) == {999_999: []}
    assert look(database, hotels.hotels_by_id, [999_999]) == {}
    assert look(database, hotels.rooms_by_id, [999_999]) == {}
