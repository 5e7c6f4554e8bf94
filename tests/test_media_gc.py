"""`hotelmate media gc` removes what nothing names, and never the other way round."""

import os
import time
from pathlib import Path

import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.media.pictures import Pictures
from hotelmate.media.storage import Location
from hotelmate.models import Offer
from hotelmate.settings import CloudinarySettings, Settings
from tests.media.uploads import encoded, quarters
from tests.test_cli import assert_one_line, hotelmate

TWO_DAYS = 2 * 24 * 3600


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, cloudinary=CloudinarySettings(url=None))


@pytest.fixture
def named(sqlite_database: Database, settings: Settings) -> Location:
    """A picture that an offer has."""
    kept = keep(settings, height=48)
    with sqlite_database.transaction() as transaction:
        offer = transaction.exec(select(Offer)).first()
        assert offer is not None
        offer.photo_url = kept.url
        transaction.add(offer)
    return kept


@pytest.fixture
def forgotten(settings: Settings) -> Location:
    """A picture that was kept for a transaction that failed."""
    return keep(settings, height=50)


def keep(settings: Settings, *, height: int) -> Location:
    return Pictures.of(settings).take_in(encoded(quarters((64, height)), "PNG"), field="photo")


def files(settings: Settings) -> set[str]:
    return {path.name for path in settings.media_folder.glob("[0-9a-f]*")}


def all_of(*pictures: Location) -> set[str]:
    endings = (".png", "-1920.webp", "-800.webp", "-320.webp")
    return {f"{picture.public_id}{ending}" for picture in pictures for ending in endings}


def age(settings: Settings) -> None:
    for path in settings.media_folder.iterdir():
        os.utime(path, (time.time() - TWO_DAYS,) * 2)


def test_what_nothing_names_is_removed_and_what_is_named_stays(
    settings: Settings, named: Location, forgotten: Location
) -> None:
    age(settings)
    done = hotelmate("media", "gc", data_dir=settings.data_dir)
    assert (done.returncode, done.stdout) == (0, "Removed 4 files of pictures that nothing names.\n")
    assert files(settings) == all_of(named)


def test_what_was_uploaded_today_stays(settings: Settings, named: Location, forgotten: Location) -> None:
    done = hotelmate("media", "gc", data_dir=settings.data_dir)
    assert done.stdout == "Removed 0 files of pictures that nothing names.\n"
    assert files(settings) == all_of(named, forgotten)


def test_a_database_that_cannot_be_the_right_one_removes_nothing(
    settings: Settings, forgotten: Location
) -> None:
    age(settings)
    given = {"HOTELMATE_DATABASE_URL": f"sqlite:///{settings.data_dir / 'other.sqlite3'}"}
    done = hotelmate("media", "gc", data_dir=settings.data_dir, **given)
    assert_one_line(done, names="hotelmate db upgrade")
    hotelmate("db", "upgrade", data_dir=settings.data_dir, **given)
    done = hotelmate("media", "gc", data_dir=settings.data_dir, **given)
    assert_one_line(done, names="HOTELMATE_DATABASE_URL")
    assert files(settings) == all_of(forgotten)


def test_a_store_that_fails_is_named(settings: Settings, sqlite_database: Database) -> None:
    settings.media_folder.write_bytes(b"in the way")
    done = hotelmate("media", "gc", data_dir=settings.data_dir)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("hotelmate: the store of pictures cannot be used (")
