"""Pictures come in through the doors: kept, named by one event, or refused with nothing left behind."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hotelmate.database import Database
from hotelmate.events.catalogue import (
    GalleryImageUploaded,
    OfferCreated,
    OfferImageUpdated,
    OfferUpdated,
    RoomTypeImageUpdated,
    SettingsUpdated,
)
from hotelmate.models import Hotel
from hotelmate.rest import multipart
from tests.media.uploads import BLUE, GREEN, RED, WHITE, assert_quarters, encoded, quarters
from tests.resolvers.steps import everything, recorded
from tests.rest.conftest import MOST_BYTES
from tests.rest.frontend import CARLA, KILLARNEY, Frontend, form, with_files

OFFERS, SETTINGS = f"{KILLARNEY}/offers/", f"{KILLARNEY}/settings/"
MEDIA = "https://hotelmate.example/media/"
PNG = encoded(quarters(), "PNG")
NEW = (("title", "Oysters"), ("short_description", "A dozen"))

TOO_LARGE = PNG + b"\0" * MOST_BYTES
BAD_FILES = [
    (b"", 400, "This file is empty."),
    (PNG[:60], 400, "This picture is damaged or cut short."),
    (
        encoded(Image.new("RGB", (1001, 1000)), "PNG"),
        400,
        "A picture may have up to 1 megapixels, and 16,383 pixels on its longer side.",
    ),
    (TOO_LARGE, 413, "A picture may have up to 200,000 bytes."),
    (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        415,
        "This is not a JPEG, PNG, WebP, AVIF or GIF picture.",
    ),
    (b"<!doctype html><script>alert(1)</script>", 415, "This is not a JPEG, PNG, WebP, AVIF or GIF picture."),
]


@pytest.fixture
async def places(frontend: Frontend) -> dict[str, str]:
    """Every door that takes pictures, by the name under which it takes one."""
    offer = (await frontend.ok("GET", OFFERS))[0]["id"]
    room_type = (await frontend.ok("GET", f"{KILLARNEY}/room-types/"))[0]["id"]
    return {
        "POST photo": OFFERS,
        "PATCH photo": f"{OFFERS}{offer}/",
        "PUT photo": f"{OFFERS}{offer}/",
        "POST photo ": f"{OFFERS}{offer}/upload-image/",
        "POST photo  ": f"{KILLARNEY}/room-types/{room_type}/upload-image/",
        "PATCH hero_image": SETTINGS,
        "PATCH landing_page_image": SETTINGS,
        "PUT logo": SETTINGS,
        "POST image": f"{KILLARNEY}/gallery/upload/",
        "POST image ": f"{KILLARNEY}/settings/gallery/upload/",
    }


def kept(folder: Path) -> set[str]:
    """What is in the store."""
    return {path.name for path in (folder / "media").glob("*") if not path.name.startswith(".")}


def seen(folder: Path, url: str) -> None:
    """Make sure that a url is of the quarters, as they were uploaded."""
    assert url.startswith(MEDIA)
    with Image.open(folder / "media" / url.removeprefix(MEDIA)) as image:
        assert_quarters(image, [RED, GREEN, BLUE, WHITE])


async def test_an_offer_gets_a_photo(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel, places: dict[str, str], tmp_path: Path
) -> None:
    one = places["PATCH photo"]
    offer = await frontend.ok("GET", one)
    with recorded(sqlite_database, killarney) as events:
        reply = await frontend.ok("POST", places["POST photo "], data=with_files(photo=PNG))
    url = reply["photo_url"]
    assert reply == {"message": "Image uploaded successfully", "photo_url": url}
    assert await frontend.ok("GET", one) == {**offer, "photo": url, "photo_url": url}
    assert events == [
        OfferImageUpdated(offer_id=offer["id"], offer_title=offer["title"], photo_url=url, is_active=True)
    ]
    seen(tmp_path, url)


async def test_an_offer_made_with_its_photo_is_one_event(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel, tmp_path: Path
) -> None:
    with recorded(sqlite_database, killarney) as events:
        offer = await frontend.ok("POST", OFFERS, data=with_files(*NEW, photo=PNG))
    [created] = events
    assert isinstance(created, OfferCreated)
    assert offer["photo"] == offer["photo_url"] == created.offer.photo_url
    seen(tmp_path, offer["photo_url"])


async def test_an_offer_changed_with_its_photo_is_one_event(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel, places: dict[str, str]
) -> None:
    before = await frontend.ok("GET", places["PATCH photo"])
    for method, title in (("PATCH", "Mussels"), ("PUT", "Crab")):
        picture = encoded(quarters((64, 48 + len(title))), "PNG")
        with recorded(sqlite_database, killarney) as events:
            fields = (("title", title), ("valid_from", ""))
            offer = await frontend.ok(method, places["PATCH photo"], data=with_files(*fields, photo=picture))
        [updated] = events
        assert isinstance(updated, OfferUpdated)
        assert (updated.offer.title, updated.offer.photo_url) == (title, offer["photo_url"])
        assert offer["photo_url"] != before["photo_url"]
        before = offer


async def test_a_changed_offer_keeps_its_photo_when_none_is_sent(
    frontend: Frontend, places: dict[str, str]
) -> None:
    reply = await frontend.ok("POST", places["POST photo "], data=with_files(photo=PNG))
    changed = await frontend.ok(
        "PATCH", places["PATCH photo"], data=form(("title", "a"), ("photo", ""), ("photo", "null"))
    )
    assert changed["photo_url"] == reply["photo_url"]


async def test_the_settings_get_their_pictures_in_one_event(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel, tmp_path: Path
) -> None:
    pictures = {
        name: encoded(quarters((64, height)), "PNG")
        for name, height in (("hero_image", 48), ("landing_page_image", 50), ("logo", 52))
    }
    with recorded(sqlite_database, killarney) as events:
        settings = await frontend.ok(
            "PATCH", SETTINGS, data=with_files(("tagline", "By the lake"), **pictures)
        )
    [updated] = events
    assert isinstance(updated, SettingsUpdated)
    assert set(updated.changed) == {"tagline", *pictures}
    for name in pictures:
        seen(tmp_path, settings[name])
        assert getattr(updated.settings, name) == settings[name]
    assert settings["hero_image_display"] == updated.settings.hero_image_display
    assert settings["hero_image_display"] == settings["hero_image"].removesuffix(".png") + "-1920.webp"


async def test_a_picture_and_an_address_for_it_contradict_each_other(
    frontend: Frontend, sqlite_database: Database, tmp_path: Path
) -> None:
    before = everything(sqlite_database)
    data = with_files(("logo", "https://pictures.example/logo.png"), logo=PNG)
    reply = await frontend.send("PATCH", SETTINGS, data=data)
    error = "Send a picture or the address of one, not both."
    assert (reply.status, reply.content) == (400, {"error": error, "logo": [error]})
    assert everything(sqlite_database) == before
    assert kept(tmp_path) == set()


async def test_only_a_picture_that_is_there_can_be_named(
    frontend: Frontend, sqlite_database: Database, places: dict[str, str], tmp_path: Path
) -> None:
    room_type, absent = places["POST photo  "], f"{MEDIA}{'a' * 64}.jpg"
    ours = (await frontend.ok("POST", room_type, data=with_files(photo=PNG)))["photo_url"]
    before = everything(sqlite_database)
    error = "There is no picture at this address."
    for url in (absent, "/media/none.jpg"):
        for name in ("hero_image", "landing_page_image", "logo"):
            for body in ({"json": {name: url}}, {"data": form((name, url), ("tagline", "Lakeside"))}):
                reply = await frontend.send("PATCH", SETTINGS, **body)
                assert (reply.status, reply.content) == (400, {"error": error, name: [error]})
        reply = await frontend.send("POST", room_type, json={"photo_url": url})
        assert (reply.status, reply.content) == (400, {"error": error, "photo_url": [error]})
    assert everything(sqlite_database) == before
    settings = await frontend.ok("PATCH", SETTINGS, json={"hero_image": ours, "logo": ours})
    assert (settings["hero_image"], settings["logo"]) == (ours, ours)
    assert settings["hero_image_display"] == ours.removesuffix(".png") + "-1920.webp"
    assert (await frontend.ok("POST", room_type, json={"photo_url": ours}))["photo_url"] == ours
    # What is sent back as it was is not looked for, lest nothing can be changed when a file is lost.
    shutil.rmtree(tmp_path / "media")
    changed = await frontend.ok("PATCH", SETTINGS, json={**settings, "tagline": "By the lake"})
    assert changed == {**settings, "tagline": "By the lake", "updated_at": changed["updated_at"]}


async def test_the_gallery_gets_a_picture_at_its_end(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel, places: dict[str, str], tmp_path: Path
) -> None:
    gallery = (await frontend.ok("GET", SETTINGS))["gallery"]
    for name, height in (("POST image", 48), ("POST image ", 50)):
        picture = encoded(quarters((64, height)), "JPEG")
        with recorded(sqlite_database, killarney) as events:
            reply = await frontend.send("POST", places[name], data=with_files(image=picture))
        assert reply.status == 201
        url, public_id = reply.content["url"], reply.content["public_id"]
        assert reply.content == {"url": url, "public_id": public_id, "message": "Image uploaded successfully"}
        assert events == [GalleryImageUploaded(url=url, public_id=public_id)]
        gallery = [*gallery, url]
        assert (await frontend.ok("GET", SETTINGS))["gallery"] == gallery
        seen(tmp_path, url)
    again = await frontend.ok("POST", places["POST image"], data=with_files(image=picture))
    assert again["url"] == f"{url}#2"
    gallery = [again["url"], *gallery]
    reordered = await frontend.ok("POST", f"{SETTINGS}gallery/reorder/", json={"gallery": gallery})
    assert reordered["gallery"] == gallery


async def test_a_room_type_gets_a_photo_or_the_address_of_one(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel, places: dict[str, str], tmp_path: Path
) -> None:
    address = "https://pictures.example/room.jpg"
    for body, is_file in (
        ({"data": with_files(photo=PNG)}, True),
        ({"json": {"photo_url": address}}, False),
        ({"data": form(("photo_url", address))}, False),
        # A file that was chosen is meant more than what a text field still holds.
        ({"data": with_files(("photo_url", address), photo=PNG)}, True),
    ):
        with recorded(sqlite_database, killarney) as events:
            reply = await frontend.ok("POST", places["POST photo  "], **body)
        url = reply["photo_url"]
        assert reply == {"message": "Image uploaded successfully", "photo_url": url}
        [room_type, *_] = await frontend.ok("GET", f"{KILLARNEY}/room-types/")
        assert room_type["photo_url"] == url
        assert events == [RoomTypeImageUpdated(room_type_id=room_type["id"], photo_url=url)]
        assert (url != address) == is_file
        if is_file:
            seen(tmp_path, url)
    for photo_url in ("javascript:alert(1)", "", 7):
        body = {"json": {"photo_url": photo_url}}
        reply = await frontend.send("POST", places["POST photo  "], **body)
        assert (reply.status, set(reply.content)) == (400, {"error", "photo_url"})


async def test_without_a_file_there_is_nothing_to_upload(
    frontend: Frontend, sqlite_database: Database, places: dict[str, str]
) -> None:
    before = everything(sqlite_database)
    for name, path in places.items():
        if not path.endswith(("upload-image/", "upload/")):
            continue
        field = name.split()[1]
        for body in (
            {},
            {"json": {}},
            {"json": {field: "https://pictures.example/a.jpg"}},
            {"data": form((field, "a.jpg"))},
            {"data": with_files(other=PNG)},
        ):
            reply = await frontend.send("POST", path, **body)
            assert (reply.status, reply.content) == (400, {"error": f"No {field} file provided"}), path
    assert everything(sqlite_database) == before


async def test_a_file_that_is_no_picture_changes_nothing(
    frontend: Frontend, sqlite_database: Database, places: dict[str, str], tmp_path: Path
) -> None:
    before = everything(sqlite_database)
    for name, path in places.items():
        method, field = name.split()
        bad_files = BAD_FILES if path == SETTINGS else BAD_FILES[-3:-1]
        for content, status, error in bad_files:
            data = with_files(*NEW, **{field: content})
            reply = await frontend.send(method, path, data=data)
            assert (reply.status, reply.content) == (status, {"error": error, field: [error]}), path
    assert everything(sqlite_database) == before
    assert kept(tmp_path) == set()


async def test_nothing_is_kept_for_what_is_refused(
    frontend: Frontend, sqlite_database: Database, places: dict[str, str], tmp_path: Path
) -> None:
    theirs = (await frontend.ok("GET", "/api/staff/hotel/dublin/offers/", CARLA))[0]["id"]
    before = everything(sqlite_database)
    one = places["PATCH photo"]
    for method, path, fields, status in (
        ("POST", OFFERS, [("title", "")], 400),
        ("POST", OFFERS, [("title", "a"), ("short_description", "s" * 501)], 400),
        ("PATCH", one, [("valid_from", "2026-05-02"), ("valid_to", "2026-05-01")], 400),
        ("PATCH", f"{OFFERS}{theirs}/", [], 404),
        ("POST", f"{OFFERS}{theirs}/upload-image/", [], 404),
        ("POST", f"{KILLARNEY}/room-types/999/upload-image/", [], 404),
        ("PATCH", "/api/staff/hotel/dublin/settings/", [], 403),
        ("POST", "/api/staff/hotel/dublin/gallery/upload/", [], 403),
    ):
        data = with_files(*fields, photo=PNG, image=PNG, hero_image=PNG)
        assert (await frontend.send(method, path, data=data)).status == status, path
    data = with_files(("contact_email", "nobody"), logo=PNG)
    assert (await frontend.send("PATCH", SETTINGS, data=data)).status == 400
    assert everything(sqlite_database) == before
    assert kept(tmp_path) == set()


async def test_when_the_store_fails_nothing_changes(
    frontend: Frontend, sqlite_database: Database, places: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "media").write_bytes(b"a file where the folder should be")
    before = everything(sqlite_database)
    for name, path in places.items():
        method, field = name.split()
        reply = await frontend.send(method, path, data=with_files(*NEW, **{field: PNG}))
        assert reply.status == 503
        assert set(reply.content) == {"error", "id"}
        assert reply.headers["Retry-After"] == "5"
    assert everything(sqlite_database) == before


async def test_without_room_for_temporary_files_nothing_changes(
    frontend: Frontend, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(sqlite_database)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not-there"))
    reply = await frontend.send("POST", f"{KILLARNEY}/gallery/upload/", data=with_files(image=PNG))
    assert (reply.status, set(reply.content)) == (503, {"error", "id"})
    assert everything(sqlite_database) == before


async def test_every_file_is_closed(
    frontend: Frontend, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def remembered() -> Any:
        opened.append(tempfile.TemporaryFile())  # noqa: SIM115 - the code under test closes it
        return opened[-1]

    monkeypatch.setattr(multipart, "TemporaryFile", remembered)
    for content, count, status in ((PNG, 1, 200), (PNG[:60], 2, 400), (TOO_LARGE, 1, 413)):
        data = with_files(photo=content)
        for _ in range(count - 1):
            data.add_field("photo", content, filename="again.png")
        reply = await frontend.send("POST", places["POST photo "], data=data)
        assert (reply.status, len(opened)) == (status, count)
        assert all(file.closed for file in opened)
        opened.clear()


async def test_a_file_that_is_too_large_is_refused_before_its_end(frontend: Frontend) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--XX\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        while True:
            yield b"\0" * 65536
            await asyncio.sleep(0)

    headers = {"Content-Type": "multipart/form-data; boundary=XX"}
    async with asyncio.timeout(10):
        reply = await frontend.send("POST", f"{KILLARNEY}/gallery/upload/", data=endless(), headers=headers)
    error = "A picture may have up to 200,000 bytes."
    assert (reply.status, reply.content) == (413, {"error": error, "image": [error]})


async def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(
    frontend: Frontend, sqlite_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(sqlite_database)
    gone = asyncio.Event()

    async def cut_short() -> AsyncIterator[bytes]:
        yield b'--XX\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + PNG[:50]
        gone.set()
        await asyncio.sleep(60)

    headers = {"Content-Type": "multipart/form-data; boundary=XX"}
    sending = asyncio.create_task(
        frontend.send("POST", f"{KILLARNEY}/gallery/upload/", data=cut_short(), headers=headers)
    )
    await gone.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await frontend.ok("GET", SETTINGS)
    assert everything(sqlite_database) == before
    assert kept(tmp_path) == set()
    assert "rest_error" not in capsys.readouterr().out
