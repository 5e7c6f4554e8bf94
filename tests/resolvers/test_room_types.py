"""Room types get photos: uploaded ones, or the address of one."""

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, NotFound
from hotelmate.events.catalogue import RoomTypeImageUpdated
from hotelmate.identity.actors import StaffActor
from hotelmate.media.storage import Location
from hotelmate.models import Hotel, RoomType
from hotelmate.resolvers.room_types import own_room_type, set_room_type_photo
from tests.resolvers.steps import AT, change, look, recorded, refused, room_type_id

PHOTO = Location("https://pictures.example/suite.jpg", "suite")


def test_a_kept_photo_is_the_room_types_and_told(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    suite = room_type_id(database, killarney, "suite")
    with recorded(database, killarney) as events:
        changed = change(database, set_room_type_photo, anna, suite, PHOTO, at=AT)
    assert (changed.id, changed.photo_url) == (suite, PHOTO.url)
    assert events == [RoomTypeImageUpdated(room_type_id=suite, photo_url=PHOTO.url)]
    with database.reading() as reading:
        assert reading.get_one(RoomType, suite).photo_url == PHOTO.url


def test_an_address_is_as_good_if_it_can_be_one(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    suite = room_type_id(database, killarney, "suite")
    with recorded(database, killarney) as events:
        change(database, set_room_type_photo, anna, suite, "/media/suite.jpg", at=AT)
    assert events == [RoomTypeImageUpdated(room_type_id=suite, photo_url="/media/suite.jpg")]
    for address in ("", "suite.jpg", "javascript:alert(1)", "https://h/" + "a" * 1991):
        with refused(database, BadUserInput, field="photoUrl"):
            change(database, set_room_type_photo, anna, suite, address, at=AT)


def test_the_same_photo_again_is_told_again(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    suite = room_type_id(database, killarney, "suite")
    with recorded(database, killarney) as events:
        for _ in range(2):
            change(database, set_room_type_photo, anna, suite, PHOTO, at=AT)
    assert events == [RoomTypeImageUpdated(room_type_id=suite, photo_url=PHOTO.url)] * 2


def test_a_room_type_that_the_hotel_has_not_is_not_found(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    suite = room_type_id(database, killarney, "suite")
    assert look(database, own_room_type, anna, suite).id == suite
    for staff, unknown in ((carla, suite), (anna, 0)):
        with refused(database, NotFound):
            look(database, own_room_type, staff, unknown)
        with refused(database, NotFound):
            change(database, set_room_type_photo, staff, unknown, PHOTO, at=AT)
