"""An upload is taken in whole: safe, in every width, and at a url that works before any row names it."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from hotelmate.media import names
from hotelmate.media.errors import NotAnImage, StorageUnavailable
from hotelmate.media.pictures import Pictures
from hotelmate.media.samples import landscape
from hotelmate.settings import CloudinarySettings, Settings
from tests.media.uploads import encoded, quarters


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    nowhere_else = CloudinarySettings(url=None)
    return Settings(data_dir=tmp_path, public_url="https://hotels.example", cloudinary=nowhere_else)


def stored(settings: Settings, url: str) -> Image.Image:
    return Image.open(BytesIO((settings.media_folder / url.rpartition("/")[2]).read_bytes()))


def test_a_picture_is_at_its_url_in_every_width(settings: Settings) -> None:
    taken_in = Pictures.of(settings).take_in(encoded(quarters((2000, 500)), "JPEG"), field="photo")
    address, _, name = taken_in.url.rpartition("/")
    assert address == "https://hotels.example/media"
    assert name == f"{taken_in.public_id}.jpg"
    urls = [taken_in.url, *(names.url_at_width(taken_in.url, width) for width in (1920, 800, 320))]
    assert [stored(settings, url).width for url in urls] == [2000, 1920, 800, 320]


def test_the_same_picture_is_always_at_the_same_url(settings: Settings) -> None:
    pictures, upload = Pictures.of(settings), encoded(quarters(), "JPEG")
    first = pictures.take_in(upload, field="photo")
    assert pictures.take_in(BytesIO(upload), field="heroImage") == first
    assert pictures.take_in(encoded(quarters((64, 50)), "JPEG"), field="photo") != first


def test_what_is_refused_is_not_stored(settings: Settings) -> None:
    with pytest.raises(NotAnImage) as refused:
        Pictures.of(settings).take_in(b"<svg/>", field="heroImage")
    assert refused.value.field == "heroImage"
    assert not settings.media_folder.exists()


def test_a_picture_has_no_url_when_the_store_fails(settings: Settings) -> None:
    settings.media_folder.write_bytes(b"in the way")
    with pytest.raises(StorageUnavailable):
        Pictures.of(settings).take_in(encoded(quarters(), "JPEG"), field="photo")


def test_the_demos_landscapes_are_pictures_that_depend_on_nothing_but_a_word(settings: Settings) -> None:
    lobby = landscape("killarney/lobby")
    assert landscape("killarney/lobby") == lobby
    assert landscape("killarney/garden") != lobby
    taken_in = Pictures.of(settings).take_in(lobby, field="image")
    shown = stored(settings, taken_in.url)
    assert (shown.format, shown.size) == ("JPEG", (1600, 1000))
    assert len(shown.reduce(16).getcolors(maxcolors=10_000)) > 100
