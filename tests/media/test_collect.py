"""What nothing names is removed after a while, and what anything names never is."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from hotelmate.database import Database, Transaction
from hotelmate.events import log
from hotelmate.events.catalogue import GalleryImageUploaded
from hotelmate.media.collect import collect, digests_mentioned
from hotelmate.media.storage import FolderStorage
from hotelmate.models import GalleryImage, Hotel, HotelSettings, Offer, RoomType

DIGEST = sha256(b"a picture").hexdigest()
URL = f"https://pictures.example/media/{DIGEST}.jpg"
FILES = [f"{DIGEST}.jpg", f"{DIGEST}-800.webp", f"{DIGEST}-320.webp"]
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def storage(folder: Path) -> FolderStorage:
    """A store with one picture that was put two days ago."""
    storage = FolderStorage(folder, public_url="")
    for name in FILES:
        storage.put(name, b"content")
        make_old(folder / name)
    return storage


def make_old(path: Path) -> None:
    two_days_ago = (datetime.now(UTC) - 2 * DAY).timestamp()
    os.utime(path, (two_days_ago, two_days_ago))


def a_day_ago() -> datetime:
    return datetime.now(UTC) - DAY


def test_an_old_picture_that_nothing_names_is_removed_in_all_its_widths(
    storage: FolderStorage, folder: Path
) -> None:
    seen: list[tuple[int, int]] = []
    removed = collect(
        storage, set(), put_before=a_day_ago(), progress=lambda done, total: seen.append((done, total))
    )
    assert sorted(removed) == sorted(FILES)
    assert seen == [(len(FILES), len(FILES))]
    assert not list(folder.glob("*.*p*g"))


def test_a_picture_that_something_names_stays_in_all_its_widths(storage: FolderStorage) -> None:
    assert collect(storage, {DIGEST}, put_before=a_day_ago()) == []
    assert set(storage.names()) == set(FILES)


def test_a_young_picture_stays_for_the_transaction_that_will_name_it(storage: FolderStorage) -> None:
    assert collect(storage, set(), put_before=datetime.now(UTC) - 3 * DAY) == []


class UploadedMeanwhile(FolderStorage):
    """A store that is given a picture again as soon as it has told what it has."""

    def names(self) -> list[str]:
        found = super().names()
        self.put(FILES[0], b"content")
        return found


def test_a_picture_uploaded_again_while_it_is_looked_for_stays(storage: FolderStorage, folder: Path) -> None:
    removed = collect(UploadedMeanwhile(folder, public_url=""), set(), put_before=a_day_ago())
    assert sorted(removed) == sorted(FILES[1:])
    assert storage.names() == [FILES[0]]


def test_what_a_crash_left_is_removed_and_other_files_are_not(folder: Path, storage: FolderStorage) -> None:
    for name in (".draft-0123456789abcdef", "notes.txt"):
        (folder / name).write_bytes(b"half a pict")
        make_old(folder / name)
    removed = collect(storage, {DIGEST}, put_before=a_day_ago())
    assert removed == [".draft-0123456789abcdef"]
    assert (folder / "notes.txt").exists()


def in_settings(column: str) -> Callable[[Transaction, Hotel], None]:
    def mention(transaction: Transaction, hotel: Hotel) -> None:
        settings = transaction.exec(select(HotelSettings).where(HotelSettings.hotel_id == hotel.id)).one()
        setattr(settings, column, URL)
        transaction.add(settings)

    return mention


def in_amenities(transaction: Transaction, hotel: Hotel) -> None:
    settings = transaction.exec(select(HotelSettings).where(HotelSettings.hotel_id == hotel.id)).one()
    settings.amenities = ["Breakfast", URL]
    transaction.add(settings)


def in_gallery(transaction: Transaction, hotel: Hotel) -> None:
    transaction.add(GalleryImage(hotel_id=hotel.id, url=URL, public_id=DIGEST, position=9))


def in_offer(transaction: Transaction, hotel: Hotel) -> None:
    offer = transaction.exec(select(Offer).where(Offer.hotel_id == hotel.id)).first()
    assert offer is not None
    offer.photo_url = URL
    transaction.add(offer)


def in_description(transaction: Transaction, hotel: Hotel) -> None:
    offer = transaction.exec(select(Offer).where(Offer.hotel_id == hotel.id)).first()
    assert offer is not None
    offer.details_html = f'<p>Our garden <img src="/media/{DIGEST}-320.webp"></p>'
    transaction.add(offer)


def in_room_type(transaction: Transaction, hotel: Hotel) -> None:
    room_type = transaction.exec(select(RoomType).where(RoomType.hotel_id == hotel.id)).first()
    assert room_type is not None
    room_type.photo_url = URL
    transaction.add(room_type)


def in_event(transaction: Transaction, hotel: Hotel) -> None:
    data = GalleryImageUploaded(url=URL, public_id=DIGEST)
    log.record(transaction, hotel, data, at=datetime.now(UTC))


@pytest.mark.parametrize(
    "mention",
    [
        in_settings("hero_image"),
        in_settings("landing_page_image"),
        in_settings("logo"),
        in_amenities,
        in_gallery,
        in_offer,
        in_description,
        in_room_type,
        in_event,
    ],
)
def test_wherever_the_database_mentions_a_picture_it_is_found(
    sqlite_database: Database, killarney: Hotel, mention: Callable[[Transaction, Hotel], None]
) -> None:
    with sqlite_database.reading() as reading:
        assert DIGEST not in digests_mentioned(reading)
    with sqlite_database.transaction() as transaction:
        mention(transaction, transaction.get_one(Hotel, killarney.id))
    with sqlite_database.reading() as reading:
        assert DIGEST in digests_mentioned(reading)


def test_every_kind_of_database_is_read_through(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        in_amenities(transaction, killarney)
        in_gallery(transaction, killarney)
    with database.reading() as reading:
        assert DIGEST in digests_mentioned(reading)
