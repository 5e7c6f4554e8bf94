"""Uploaded pictures are kept for staff only, before anything names them."""

from io import BytesIO
from pathlib import Path

import pytest

from hotelmate.database import Database
from hotelmate.errors import Forbidden, RateLimited, Unauthenticated
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.identity.rates import Action, Rates
from hotelmate.media.errors import NotAnImage, StorageUnavailable
from hotelmate.media.pictures import Pictures
from hotelmate.resolvers.images import keep_image
from hotelmate.settings import CloudinarySettings, Settings
from tests.media.uploads import encoded, quarters
from tests.resolvers.steps import actor, refused

ENDLESS = Rates({}, key="test").of_address(None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    nowhere_else = CloudinarySettings(url=None)
    return Settings(data_dir=tmp_path, public_url="https://hotels.example", cloudinary=nowhere_else)


@pytest.fixture
def anna(sqlite_database: Database) -> StaffActor:
    return actor(sqlite_database, "demo-anna")


def test_a_picture_that_is_one_too_many_is_not_read(settings: Settings, anna: StaffActor) -> None:
    allowance = Rates({Action.UPLOAD: "1/hour"}, key="test").of_address("192.0.2.1")
    allowance.spend_upload()
    upload = BytesIO(encoded(quarters(), "PNG"))
    with pytest.raises(RateLimited):
        keep_image(Pictures.of(settings), anna, upload, allowance=allowance, field="photo")
    assert upload.tell() == 0


def test_a_picture_is_kept_where_its_location_says(settings: Settings, anna: StaffActor) -> None:
    kept = keep_image(
        Pictures.of(settings), anna, encoded(quarters(), "PNG"), allowance=ENDLESS, field="photo"
    )
    address, _, name = kept.url.rpartition("/")
    assert address == "https://hotels.example/media"
    assert (settings.media_folder / name).exists()


@pytest.mark.parametrize(
    ("caller", "error"),
    [(Anonymous(), Unauthenticated), (GuestActor("BK-2040-0001", 1, "nonce"), Forbidden)],
)
def test_from_anybody_but_staff_it_is_not_even_read(
    settings: Settings, caller: Actor, error: type[Exception]
) -> None:
    upload = BytesIO(encoded(quarters(), "PNG"))
    with pytest.raises(error):
        keep_image(Pictures.of(settings), caller, upload, allowance=ENDLESS, field="photo")
    assert upload.tell() == 0
    assert not settings.media_folder.exists()


def test_what_is_refused_names_the_callers_field_and_changes_nothing(
    sqlite_database: Database, settings: Settings, anna: StaffActor
) -> None:
    pictures = Pictures.of(settings)
    with refused(sqlite_database, NotAnImage, field="heroImage"):
        keep_image(pictures, anna, b"<svg/>", allowance=ENDLESS, field="heroImage")
    settings.media_folder.write_bytes(b"in the way")
    with refused(sqlite_database, StorageUnavailable):
        keep_image(pictures, anna, encoded(quarters(), "PNG"), allowance=ENDLESS, field="heroImage")
