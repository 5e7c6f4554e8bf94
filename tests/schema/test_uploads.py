"""Uploaded pictures are shown where the mutation says, told once, or refused with nothing changed."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text
from structlog.testing import capture_logs

from hotelmate.database import Database
from hotelmate.events.catalogue import (
    EventData,
    GalleryImageUploaded,
    OfferCreated,
    OfferImageUpdated,
    OfferUpdated,
    RoomTypeImageUpdated,
    SettingsUpdated,
)
from hotelmate.schema.uploads import Upload
from tests.media.uploads import BLUE, GREEN, RED, WHITE, assert_quarters, encoded, quarters
from tests.resolvers.steps import everything
from tests.schema.api import ANNA, Api

CREATE_OFFER = """mutation($input: OfferInput!, $photo: Upload) {
    createOffer(input: $input, photo: $photo) { title photoUrl }
}"""
UPDATE_OFFER = """mutation($id: ID = "1", $input: OfferPatch = {}, $photo: Upload) {
    updateOffer(id: $id, input: $input, photo: $photo) { title photoUrl }
}"""
OFFER_IMAGE = (
    'mutation($photo: Upload!, $id: ID = "1") { uploadOfferImage(id: $id, photo: $photo) { photoUrl } }'
)
SETTINGS = """mutation(
    $input: SettingsPatch = {}, $heroImage: Upload, $landingPageImage: Upload, $logo: Upload
) {
    updateSettings(
        input: $input, heroImage: $heroImage, landingPageImage: $landingPageImage, logo: $logo
    ) { settings { tagline heroImage heroImageDisplay landingPageImage logo } }
}"""
GALLERY_IMAGE = "mutation($image: Upload!) { uploadGalleryImage(image: $image) { url publicId } }"
ROOM_TYPE_IMAGE = """mutation($photo: Upload!, $id: ID = "1") {
    uploadRoomTypeImage(id: $id, photo: $photo) { id photoUrl }
}"""
SPA = {"title": "Spa day", "shortDescription": "Warm water."}
# Each with the name under which it takes a picture, and what it cannot do without beside.
TAKES_A_PICTURE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "createOffer": (CREATE_OFFER, "photo", {"input": SPA}),
    "updateOffer": (UPDATE_OFFER, "photo", {}),
    "uploadOfferImage": (OFFER_IMAGE, "photo", {}),
    "updateSettings heroImage": (SETTINGS, "heroImage", {}),
    "updateSettings landingPageImage": (SETTINGS, "landingPageImage", {}),
    "updateSettings logo": (SETTINGS, "logo", {}),
    "uploadGalleryImage": (GALLERY_IMAGE, "image", {}),
    "uploadRoomTypeImage": (ROOM_TYPE_IMAGE, "photo", {}),
}
for_every_picture = pytest.mark.parametrize(
    ("document", "name", "variables"), TAKES_A_PICTURE.values(), ids=TAKES_A_PICTURE
)


def picture(height: int = 48) -> Upload:
    """A picture; another height is another picture."""
    return Upload(BytesIO(encoded(quarters((64, height)), "PNG")))


def told(api: Api) -> list[EventData]:
    return [event.data for event in api.log()]


def shown(folder: Path, url: str) -> Image.Image:
    """The picture at a url, read from the store."""
    address, _, name = url.rpartition("/")
    assert address == "https://hotelmate.example/media"
    with Image.open(folder / "media" / name) as image:
        image.load()
        return image


def kept(folder: Path) -> set[str]:
    return {path.name for path in (folder / "media").glob("[0-9a-f]*")}


@for_every_picture
def test_what_is_uploaded_is_what_is_shown(
    sqlite_api: Api, tmp_path: Path, document: str, name: str, variables: dict[str, Any]
) -> None:
    answer = sqlite_api.data(document, ANNA, **variables, **{name: picture()})
    assert len(told(sqlite_api)) == 1
    [url] = {url for url in urls_in(answer) if url.endswith(".png")}
    assert_quarters(shown(tmp_path, url), [RED, GREEN, BLUE, WHITE])


def urls_in(answer: Any) -> list[str]:
    match answer:
        case dict():
            return [url for value in answer.values() for url in urls_in(value)]
        case str() if answer.startswith("https://"):
            return [answer]
        case _:
            return []


def test_an_offer_with_its_photo_is_one_event(api: Api) -> None:
    created = api.data(CREATE_OFFER, ANNA, input=SPA, photo=picture(48))["createOffer"]
    updated = api.data(UPDATE_OFFER, ANNA, input={"tag": "New"}, photo=picture(50))["updateOffer"]
    first, second = told(api)
    assert isinstance(first, OfferCreated)
    assert (first.offer.title, first.offer.photo_url) == ("Spa day", created["photoUrl"])
    assert isinstance(second, OfferUpdated)
    assert (second.offer.tag, second.offer.photo_url) == ("New", updated["photoUrl"])
    assert created["photoUrl"] != updated["photoUrl"]


def test_an_offer_without_a_photo_has_none_and_keeps_the_one_it_has(sqlite_api: Api) -> None:
    for variables in ({"photo": None}, {}):
        created = sqlite_api.data(CREATE_OFFER, ANNA, input=SPA, **variables)["createOffer"]
        assert created["photoUrl"] is None
    url = sqlite_api.data(OFFER_IMAGE, ANNA, photo=picture())["uploadOfferImage"]["photoUrl"]
    for variables in ({"photo": None}, {}):
        changes = {"title": f"Spa {len(variables)}"}
        updated = sqlite_api.data(UPDATE_OFFER, ANNA, input=changes, **variables)["updateOffer"]
        assert updated["photoUrl"] == url


def test_pictures_alone_are_told_as_pictures(api: Api) -> None:
    offer = api.data(OFFER_IMAGE, ANNA, photo=picture(48))["uploadOfferImage"]
    room_type = api.data(ROOM_TYPE_IMAGE, ANNA, photo=picture(50))["uploadRoomTypeImage"]
    image = api.data(GALLERY_IMAGE, ANNA, image=picture(52))["uploadGalleryImage"]
    assert told(api) == [
        OfferImageUpdated(
            offer_id=1, offer_title="Two nights, one dinner", photo_url=offer["photoUrl"], is_active=True
        ),
        RoomTypeImageUpdated(room_type_id=1, photo_url=room_type["photoUrl"]),
        GalleryImageUploaded(url=image["url"], public_id=image["publicId"]),
    ]
    assert api.data('{ hotel(slug: "killarney") { gallery { url publicId } } }')["hotel"]["gallery"][3:] == [
        image
    ]


def test_all_pictures_of_the_settings_are_one_event(api: Api) -> None:
    images = {"heroImage": picture(48), "landingPageImage": picture(50), "logo": picture(52)}
    answer = api.data(SETTINGS, ANNA, input={"tagline": "Lakeside"}, **images)
    settings = answer["updateSettings"]["settings"]
    [event] = told(api)
    assert isinstance(event, SettingsUpdated)
    assert event.changed == ("tagline", "hero_image", "landing_page_image", "logo")
    assert (event.settings.hero_image, event.settings.landing_page_image, event.settings.logo) == (
        settings["heroImage"],
        settings["landingPageImage"],
        settings["logo"],
    )
    assert settings["tagline"] == "Lakeside"
    assert len({settings[name] for name in images}) == 3


def test_the_page_shows_an_uploaded_hero_image_at_a_width_of_its_own(sqlite_api: Api, tmp_path: Path) -> None:
    hero = Upload(BytesIO(encoded(quarters((2400, 1200)), "JPEG")))
    settings = sqlite_api.data(SETTINGS, ANNA, heroImage=hero)["updateSettings"]["settings"]
    assert shown(tmp_path, settings["heroImage"]).width == 2400
    assert shown(tmp_path, settings["heroImageDisplay"]).width == 1920
    [event] = told(sqlite_api)
    assert isinstance(event, SettingsUpdated)
    assert event.settings.hero_image_display == settings["heroImageDisplay"]


def test_only_a_picture_that_is_there_can_be_named(sqlite_api: Api, tmp_path: Path) -> None:
    hero = Upload(BytesIO(encoded(quarters((2400, 1200)), "JPEG")))
    url = sqlite_api.data(OFFER_IMAGE, ANNA, photo=hero)["uploadOfferImage"]["photoUrl"]
    absent = f"https://hotelmate.example/media/{'a' * 64}.jpg"
    for name in ("heroImage", "landingPageImage", "logo"):
        refusal = sqlite_api.refusal(SETTINGS, ANNA, input={name: absent, "tagline": "Lakeside"})
        assert refusal == {"code": "BAD_USER_INPUT", "field": name}
    settings = sqlite_api.data(SETTINGS, ANNA, input={"heroImage": url})["updateSettings"]["settings"]
    assert settings["heroImage"] == url
    assert shown(tmp_path, settings["heroImageDisplay"]).width == 1920


def test_one_file_can_be_the_picture_of_two_fields(sqlite_api: Api) -> None:
    document = """mutation($file: Upload!) {
        offer: uploadOfferImage(id: "1", photo: $file) { photoUrl }
        roomType: uploadRoomTypeImage(id: "1", photo: $file) { photoUrl }
    }"""
    answer = sqlite_api.data(document, ANNA, file=picture())
    assert answer["offer"] == answer["roomType"]


@for_every_picture
def test_what_is_no_picture_names_the_field(
    sqlite_api: Api, document: str, name: str, variables: dict[str, Any]
) -> None:
    for content in (b"", b"<svg/>", encoded(quarters(), "PNG")[:60], bytes(10 * 1024 * 1024 + 1)):
        refusal = sqlite_api.refusal(document, ANNA, **variables, **{name: Upload(BytesIO(content))})
        assert refusal == {"code": "BAD_USER_INPUT", "field": name}


def test_a_picture_that_has_to_be_there_is_missed_by_name(sqlite_api: Api) -> None:
    for document, name in ((OFFER_IMAGE, "photo"), (GALLERY_IMAGE, "image"), (ROOM_TYPE_IMAGE, "photo")):
        for variables in ({}, {name: None}):
            assert sqlite_api.refusal(document, ANNA, **variables) == {
                "code": "BAD_USER_INPUT",
                "field": name,
            }


@pytest.mark.parametrize(
    ("document", "variables", "refusal"),
    [
        (
            CREATE_OFFER,
            {"input": {**SPA, "title": " "}, "photo": None},
            {"code": "BAD_USER_INPUT", "field": "title"},
        ),
        (
            UPDATE_OFFER,
            {"input": {"bookNowUrl": "spa"}, "photo": None},
            {"code": "BAD_USER_INPUT", "field": "bookNowUrl"},
        ),
        (UPDATE_OFFER, {"id": "999", "photo": None}, {"code": "NOT_FOUND"}),
        (OFFER_IMAGE, {"id": "999", "photo": None}, {"code": "NOT_FOUND"}),
        (OFFER_IMAGE, {"id": "one", "photo": None}, {"code": "NOT_FOUND"}),
        (ROOM_TYPE_IMAGE, {"id": "999", "photo": None}, {"code": "NOT_FOUND"}),
        (
            SETTINGS,
            {"input": {"website": "spa"}, "logo": None},
            {"code": "BAD_USER_INPUT", "field": "website"},
        ),
        (
            SETTINGS,
            {"input": {"heroImage": "/media/a.jpg"}, "heroImage": None},
            {"code": "BAD_USER_INPUT", "field": "heroImage"},
        ),
    ],
)
def test_what_is_refused_anyhow_is_refused_before_the_picture_is_looked_at(
    sqlite_api: Api, tmp_path: Path, document: str, variables: dict[str, Any], refusal: dict[str, str]
) -> None:
    good = {name: picture() if value is None else value for name, value in variables.items()}
    assert sqlite_api.refusal(document, ANNA, **good) == refusal
    assert kept(tmp_path) == set()


@for_every_picture
def test_when_the_store_fails_nothing_is_changed_and_nothing_told(
    sqlite_api: Api, tmp_path: Path, document: str, name: str, variables: dict[str, Any]
) -> None:
    (tmp_path / "media").write_bytes(b"in the way")
    before = everything(sqlite_api.database)
    with capture_logs() as logs:
        _, [error] = sqlite_api.answer(document, ANNA, **variables, **{name: picture()})
    assert error["message"] == (
        "Pictures cannot be stored at the moment. Nothing was changed; try again later."
    )
    assert error["extensions"] == {"code": "INTERNAL", "id": logs[-1]["error_id"]}
    assert "media" in logs[-1]["reason"]
    assert everything(sqlite_api.database) == before


@for_every_picture
def test_when_the_transaction_fails_the_picture_is_kept_and_named_by_nothing(
    sqlite_api: Api, tmp_path: Path, document: str, name: str, variables: dict[str, Any]
) -> None:
    """It may be another's picture as well by now: to remove it is for `hotelmate media gc`."""
    with sqlite_api.database.transaction() as transaction:
        failing = "CREATE TRIGGER failing BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no more'); END"
        transaction.connection().execute(text(failing))
    with capture_logs():
        assert sqlite_api.refusal(document, ANNA, **variables, **{name: picture()})["code"] == "INTERNAL"
    assert len(kept(tmp_path)) == 4
    with sqlite_api.database.transaction() as transaction:
        transaction.connection().execute(text("DROP TRIGGER failing"))
    sqlite_api.data(document, ANNA, **variables, **{name: picture()})
    assert len(kept(tmp_path)) == 4
    assert len(told(sqlite_api)) == 1


class Watched(BytesIO):
    """A file that looks, whenever it is read, at how many connections are in use."""

    def __init__(self, content: bytes, database: Database) -> None:
        super().__init__(content)
        self.connections: list[int] = []
        self._pools = [engine.pool for engine in database.engines]

    def read(self, size: int | None = -1) -> bytes:
        self.connections.append(sum(pool.checkedout() for pool in self._pools))  # type: ignore[attr-defined]
        return super().read(size)


@for_every_picture
def test_while_a_picture_is_looked_at_no_session_is_open(
    sqlite_api: Api, tmp_path: Path, document: str, name: str, variables: dict[str, Any]
) -> None:
    file = Watched(encoded(quarters(), "PNG"), sqlite_api.database)
    sqlite_api.data(document, ANNA, **variables, **{name: Upload(file)})
    assert set(file.connections) == {0}
    # And what comes of it is told as having happened afterwards.
    kept_at = max(path.stat().st_mtime for path in (tmp_path / "media").glob("[0-9a-f]*"))
    assert sqlite_api.log()[-1].occurred_at.timestamp() >= kept_at


def test_a_picture_that_the_gallery_has_comes_again_at_another_url(sqlite_api: Api) -> None:
    first, again = (sqlite_api.data(GALLERY_IMAGE, ANNA, image=picture()) for _ in range(2))
    [url] = urls_in(first)
    assert urls_in(again) == [f"{url}#2"]
