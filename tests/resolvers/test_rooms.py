"""Rooms are listed by number, and are free on the nights that no booking holds."""

from datetime import date, timedelta

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, NotFound
from hotelmate.identity.actors import StaffActor
from hotelmate.models import BookingStatus, Hotel, Room
from hotelmate.resolvers.booking_life import assign_room
from hotelmate.resolvers.rooms import occupied_rooms, room_numbered, rooms
from tests.resolvers.steps import (
    AT,
    TODAY,
    book,
    booked_until,
    change,
    look,
    refused,
    room_id,
    room_type_id,
)

DAY = timedelta(days=1)


def numbers(
    database: Database,
    actor: StaffActor,
    *,
    room_type_id: int | None = None,
    free: tuple[date | None, date | None] = (None, None),
) -> list[str]:
    found = look(database, rooms, actor, room_type_id=room_type_id, free_from=free[0], free_to=free[1])
    return [room.number for room in found]


def test_rooms_are_listed_by_number_nine_before_ten(
    database: Database, killarney: Hotel, carla: StaffActor, dublin: Hotel
) -> None:
    suite = room_type_id(database, dublin, "suite")
    with database.transaction() as transaction:
        transaction.add_all(
            Room(hotel_id=dublin.id, room_type_id=suite, number=number)
            for number in ("10", "9", "A10", "A9", "9b", "009", "Annex")
        )
    assert numbers(database, carla) == [
        *("009", "9", "9b", "10", "101", "102", "103", "104", "201", "202", "203", "301"),
        *("A9", "A10", "Annex"),
    ]


def test_rooms_are_listed_of_one_type(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    family = room_type_id(database, killarney, "family")
    assert numbers(database, anna, room_type_id=family) == ["201", "202", "203"]
    with refused(database, NotFound):
        numbers(database, anna, room_type_id=room_type_id(database, dublin, "family"))


def test_a_room_is_found_by_the_number_on_its_door_in_the_own_hotel(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    for hotel, staff in ((killarney, anna), (dublin, carla)):
        assert look(database, room_numbered, staff, "101").id == room_id(database, hotel, "101")
    for number in ("999", "", "1\0", "101 "):
        with refused(database, NotFound):
            look(database, room_numbered, anna, number)


def test_a_room_is_free_until_the_first_night_that_is_held_and_from_the_last_departure(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney, arrival=TODAY + 2 * DAY, departure=TODAY + 4 * DAY)
    change(database, assign_room, anna, reference, room_id(database, killarney, "101"), at=AT)

    def is_free(since: int, until: int) -> bool:
        return "101" in numbers(database, anna, free=(TODAY + since * DAY, TODAY + until * DAY))

    assert is_free(0, 2)
    assert is_free(4, 5)
    assert not is_free(0, 3)
    assert not is_free(2, 3)
    assert not is_free(3, 5)
    assert not is_free(0, 9)


def test_free_rooms_are_asked_for_with_two_dates_in_their_order(database: Database, anna: StaffActor) -> None:
    for free, field in (
        ((TODAY, None), "freeTo"),
        ((None, TODAY), "freeFrom"),
        ((TODAY, TODAY), "freeTo"),
        ((TODAY, TODAY - DAY), "freeTo"),
    ):
        with refused(database, BadUserInput, field=field):
            numbers(database, anna, free=free)


def test_a_room_is_occupied_while_its_guests_are_checked_in(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    ids = {number: room_id(database, killarney, number) for number in ("101", "102", "104")}
    booked_until(database, killarney, anna, BookingStatus.CHECKED_IN, room="101")
    booked_until(database, killarney, anna, BookingStatus.CHECKED_OUT, room="104")
    assert look(database, occupied_rooms, list(ids.values())) == {ids["101"]}
    assert look(database, occupied_rooms, []) == set()
