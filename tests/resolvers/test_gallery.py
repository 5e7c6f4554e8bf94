"""The gallery's pictures are added, put in order and taken out."""

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, NotFound
from hotelmate.events.catalogue import GalleryImageRemoved, GalleryImageUploaded, GalleryReordered
from hotelmate.identity.actors import StaffActor
from hotelmate.media.storage import Location
from hotelmate.models import Hotel, HotelSettings
from hotelmate.resolvers.gallery import (
    add_gallery_image,
    remove_gallery_image,
    reorder_gallery,
)
from hotelmate.resolvers.hotels import gallery_by_hotel
from tests.resolvers.steps import AT, change, look, recorded, refused

LOBBY = "https://pictures.example/killarney/lobby.jpg"
GARDEN = "https://pictures.example/killarney/garden.jpg"
RESTAURANT = "https://pictures.example/killarney/restaurant.jpg"
HERO = "https://pictures.example/killarney/hero.jpg"
POOL = Location("https://pictures.example/killarney/pool.jpg", "killarney/pool")


def gallery(database: Database, hotel: Hotel) -> list[tuple[int, str]]:
    images = look(database, gallery_by_hotel, [hotel.id])[hotel.id]
    return [(image.position, image.url) for image in images]


def test_an_added_picture_comes_last(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    with recorded(database, killarney) as events:
        added = change(database, add_gallery_image, anna, POOL, at=AT)
    assert (added.url, added.public_id) == (POOL.url, POOL.public_id)
    assert events == [GalleryImageUploaded(url=POOL.url, public_id="killarney/pool")]
    assert gallery(database, killarney) == [(0, LOBBY), (1, GARDEN), (2, RESTAURANT), (3, POOL.url)]


def test_the_same_picture_again_has_a_url_of_its_own(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    again = [f"{POOL.url}#2", f"{POOL.url}#3"]
    with recorded(database, killarney) as events:
        for _ in range(3):
            change(database, add_gallery_image, anna, POOL, at=AT)
    assert events == [GalleryImageUploaded(url=url, public_id="killarney/pool") for url in (POOL.url, *again)]
    assert gallery(database, killarney)[3:] == [(3, POOL.url), (4, again[0]), (5, again[1])]
    change(database, remove_gallery_image, anna, again[0], at=AT)
    change(database, reorder_gallery, anna, [again[1], POOL.url, LOBBY, GARDEN, RESTAURANT], at=AT)
    assert gallery(database, killarney)[:2] == [(0, again[1]), (1, POOL.url)]
    change(database, add_gallery_image, carla, POOL, at=AT)
    assert gallery(database, dublin)[-1] == (3, POOL.url)


def test_the_first_picture_can_be_added(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    for url in (LOBBY, GARDEN, RESTAURANT):
        change(database, remove_gallery_image, anna, url, at=AT)
    change(database, add_gallery_image, anna, POOL, at=AT)
    assert gallery(database, killarney) == [(0, POOL.url)]


def test_the_gallery_takes_the_order_that_is_sent(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    order = [RESTAURANT, LOBBY, GARDEN]
    with recorded(database, killarney) as events:
        images = change(database, reorder_gallery, anna, order, at=AT)
    assert [image.url for image in images] == order
    assert events == [GalleryReordered(gallery=(RESTAURANT, LOBBY, GARDEN))]
    assert gallery(database, killarney) == [(0, RESTAURANT), (1, LOBBY), (2, GARDEN)]


def test_the_order_that_it_has_already_is_told_too(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with recorded(database, killarney) as events:
        images = change(database, reorder_gallery, anna, [LOBBY, GARDEN, RESTAURANT], at=AT)
    assert [image.url for image in images] == [LOBBY, GARDEN, RESTAURANT]
    assert events == [GalleryReordered(gallery=(LOBBY, GARDEN, RESTAURANT))]


def test_an_order_that_is_not_exactly_of_the_present_urls_is_refused(
    database: Database, anna: StaffActor
) -> None:
    for urls in [
        [],
        [LOBBY, GARDEN],
        [LOBBY, GARDEN, RESTAURANT, HERO],
        [LOBBY, GARDEN, HERO],
        [LOBBY, GARDEN, GARDEN],
        [LOBBY, GARDEN, RESTAURANT, LOBBY],
        [LOBBY, GARDEN, None],
        None,
    ]:
        with refused(database, BadUserInput, field="urls"):
            change(database, reorder_gallery, anna, urls, at=AT)


def test_a_removed_picture_is_gone_and_the_rest_moves_up(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with recorded(database, killarney) as events:
        images = change(database, remove_gallery_image, anna, LOBBY, at=AT)
    assert [image.url for image in images] == [GARDEN, RESTAURANT]
    assert events == [
        GalleryImageRemoved(
            url=LOBBY,
            gallery=(GARDEN, RESTAURANT),
            hero_image=HERO,
            hero_image_display=HERO,
            updated_at=AT,
        )
    ]
    assert gallery(database, killarney) == [(0, GARDEN), (1, RESTAURANT)]
    with database.reading() as reading:
        assert reading.get_one(HotelSettings, killarney.id).updated_at == AT


def test_the_last_picture_can_be_removed(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    for url in (LOBBY, GARDEN, RESTAURANT):
        change(database, remove_gallery_image, anna, url, at=AT)
    assert gallery(database, killarney) == []
    with recorded(database, killarney) as events:
        assert change(database, reorder_gallery, anna, [], at=AT) == []
    assert events == [GalleryReordered(gallery=())]


def test_a_picture_that_the_hotels_gallery_has_not_is_not_found(
    database: Database, anna: StaffActor, carla: StaffActor
) -> None:
    with refused(database, NotFound):
        change(database, remove_gallery_image, anna, HERO, at=AT)
    with refused(database, NotFound):
        change(database, remove_gallery_image, carla, LOBBY, at=AT)
