"""An upload is taken in whole: safe, in every width, and at a url that works before any row names it."""

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from hotelmate.media import names
from hotelmate.media.errors import NoSuchPicture, NotAnImage, StorageUnavailable
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
    assert taken_in.page_url == f"{address}/{names.narrower(name, 1920)}"
    urls = [taken_in.url, *(f"{address}/{names.narrower(name, width)}" for width in (1920, 800, 320))]
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


def test_a_picture_of_ours_is_found_at_each_of_its_urls_and_kept(settings: Settings) -> None:
    pictures = Pictures.of(settings)
    taken_in = pictures.take_in(encoded(quarters((2000, 500)), "JPEG"), field="photo")
    name = taken_in.url.rpartition("/")[2]
    files = [name, *(names.narrower(name, width) for width in (1920, 800, 320))]
    for url in (taken_in.url, f"/media/{name}", f"{taken_in.url}?v=2"):
        for file in files:
            os.utime(settings.media_folder / file, (0, 0))
        assert pictures.find(url, field="logo") == replace(taken_in, url=url)
        assert all((settings.media_folder / file).stat().st_mtime > 0 for file in files)
    assert taken_in.page_url is not None
    narrow = pictures.find(taken_in.page_url, field="logo")
    assert narrow is not None
    assert (narrow.url, narrow.page_url) == (taken_in.page_url, None)


def test_what_is_elsewhere_is_not_looked_for(settings: Settings) -> None:
    for url in (f"https://pictures.example/media/{'a' * 64}.jpg", "https://hotels.example/media.jpg"):
        assert Pictures.of(settings).find(url, field="logo") is None


def test_a_picture_of_ours_that_is_not_there_in_all_its_widths_is_refused(settings: Settings) -> None:
    pictures = Pictures.of(settings)
    absent = f"{'a' * 64}.jpg"
    urls = [
        "/media/logo.jpg",
        f"/MEDIA/{absent}",
        f"/media/../{absent}",
        f"https://hotels.example/media/{absent}",
    ]
    taken_in = pictures.take_in(encoded(quarters(), "JPEG"), field="photo")
    (settings.media_folder / names.narrower(taken_in.url.rpartition("/")[2], 800)).unlink()
    for url in (*urls, taken_in.url):
        with pytest.raises(NoSuchPicture) as refused:
            pictures.find(url, field="heroImage")
        assert refused.value.field == "heroImage", url


def test_the_demos_landscapes_are_pictures_that_depend_on_nothing_but_a_word(settings: Settings) -> None:
    lobby = landscape("killarney/lobby")
    assert landscape("killarney/lobby") == lobby
    assert landscape("killarney/garden") != lobby
    taken_in = Pictures.of(settings).take_in(lobby, field="image")
    shown = stored(settings, taken_in.url)
    assert (shown.format, shown.size) == ("JPEG", (960, 600))
    assert len(shown.reduce(16).getcolors(maxcolors=10_000)) > 100
