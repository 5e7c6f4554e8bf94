"""REST and GraphQL are doors to the same operations: equal effects, equal events."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from hotelmate.database import Database
from hotelmate.models import (
    Booking,
    BookingStatus,
    EventRecord,
    GalleryImage,
    Hotel,
    Offer,
    Room,
    RoomType,
)
from hotelmate.schema.uploads import Upload
from tests.media.uploads import encoded, quarters
from tests.rest.frontend import KILLARNEY, Frontend, with_files
from tests.schema.api import ANNA, Api

PICTURES = "https://pictures.example/killarney"


@dataclass(frozen=True)
class Same:
    """One call through each door, and the types of the events that it records."""

    method: str
    path: str
    body: dict[str, Any]
    document: str
    variables: dict[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ()


CLOCK = Same(
    "POST", "/api/staff/killarney/clock/", {}, "{ toggleClock { action } }", events=("ClockStatusUpdated",)
)
NEW_OFFER = {
    "title": " Oysters ",
    "short_description": "A dozen",
    "valid_from": "2026-05-01",
    "sort_order": 7,
}
CREATE_OFFER = """($n: Int) { createOffer(input: {
  title: " Oysters ", shortDescription: "A dozen", validFrom: "2026-05-01", sortOrder: $n }) { id } }"""
OFFER = f"{KILLARNEY}/offers/{{offer}}/"
UPDATE_OFFER = """($offer: ID!) { updateOffer(id: $offer, input: {
  title: "Three nights", validFrom: null, isActive: false }) { id } }"""
OFFER_CHANGES = {"title": "Three nights", "valid_from": None, "is_active": False}
SETTINGS = f"{KILLARNEY}/settings/"
UPDATE_SETTINGS = """{ updateSettings(input: {
  heroImage: "https://pictures.example/lake.jpg", tagline: null, amenities: ["Sauna", "Bar"],
  theme: {mode: DARK, primaryColor: "#123456"}, wifiPassword: "fáilte" }) { id } }"""
SETTINGS_CHANGES = {
    "hero_image": "https://pictures.example/lake.jpg",
    "tagline": None,
    "amenities": ["Sauna", "Bar"],
    "theme": {"mode": "DARK", "primary_color": "#123456"},
    "wifi_password": "fáilte",
}
URLS = [f"{PICTURES}/{name}.jpg" for name in ("restaurant", "lobby", "garden")]
REORDER = "($urls: [String!]!) { reorderGallery(urls: $urls) { url } }"
REMOVE = "($url: String!) { removeGalleryImage(url: $url) { url } }"
BOOKINGS = f"{KILLARNEY}/bookings"

PNG = encoded(quarters(), "PNG")
ROOM_TYPE = f"{KILLARNEY}/room-types/{{room_type}}/upload-image/"

CALLS = {
    "clock in": CLOCK,
    "create an offer": Same(
        "POST",
        f"{KILLARNEY}/offers/",
        {"json": NEW_OFFER},
        CREATE_OFFER,
        variables={"n": 7},
        events=("OfferCreated",),
    ),
    "create an offer with a form": Same(
        "POST",
        f"{KILLARNEY}/offers/",
        {"form": [(name, str(value)) for name, value in NEW_OFFER.items()] + [("valid_to", "")]},
        CREATE_OFFER,
        variables={"n": 7},
        events=("OfferCreated",),
    ),
    "change an offer": Same("PATCH", OFFER, {"json": OFFER_CHANGES}, UPDATE_OFFER, events=("OfferUpdated",)),
    "put an offer": Same("PUT", OFFER, {"json": OFFER_CHANGES}, UPDATE_OFFER, events=("OfferUpdated",)),
    "change an offer with a form": Same(
        "PATCH",
        OFFER,
        {"form": [("title", "Three nights"), ("valid_from", ""), ("sort_order", ""), ("is_active", "false")]},
        UPDATE_OFFER,
        events=("OfferUpdated",),
    ),
    "change nothing of an offer": Same(
        "PATCH", OFFER, {"json": {}}, "($offer: ID!) { updateOffer(id: $offer, input: {}) { id } }"
    ),
    "delete an offer": Same(
        "DELETE", OFFER, {}, "($offer: ID!) { deleteOffer(id: $offer) { id } }", events=("OfferDeleted",)
    ),
    "change the settings": Same(
        "PATCH", SETTINGS, {"json": SETTINGS_CHANGES}, UPDATE_SETTINGS, events=("SettingsUpdated",)
    ),
    "put the settings": Same(
        "PUT", SETTINGS, {"json": SETTINGS_CHANGES}, UPDATE_SETTINGS, events=("SettingsUpdated",)
    ),
    "change the settings with a form": Same(
        "PATCH",
        SETTINGS,
        {
            "form": [
                ("hero_image", "https://pictures.example/lake.jpg"),
                ("tagline", ""),
                ("amenities", "Sauna"),
                ("amenities", "Bar"),
                ("theme", '{"mode": "DARK", "primary_color": "#123456"}'),
                ("wifi_password", "fáilte"),
            ]
        },
        UPDATE_SETTINGS,
        events=("SettingsUpdated",),
    ),
    "reorder the gallery": Same(
        "POST",
        f"{KILLARNEY}/gallery/reorder/",
        {"json": {"gallery": URLS}},
        REORDER,
        variables={"urls": URLS},
        events=("GalleryReordered",),
    ),
    "reorder the gallery, at the other place": Same(
        "POST",
        f"{KILLARNEY}/settings/gallery/reorder/",
        {"json": {"gallery": URLS}},
        REORDER,
        variables={"urls": URLS},
        events=("GalleryReordered",),
    ),
    "remove a picture": Same(
        "DELETE",
        f"{KILLARNEY}/gallery/remove/",
        {"json": {"url": URLS[1]}},
        REMOVE,
        variables={"url": URLS[1]},
        events=("GalleryImageRemoved",),
    ),
    "remove a picture, at the other place": Same(
        "DELETE",
        f"{KILLARNEY}/settings/gallery/remove/",
        {"json": {"url": URLS[1]}},
        REMOVE,
        variables={"url": URLS[1]},
        events=("GalleryImageRemoved",),
    ),
    "create an offer with its photo": Same(
        "POST",
        f"{KILLARNEY}/offers/",
        {"form": [("title", "Oysters"), ("short_description", "A dozen")], "files": {"photo": PNG}},
        """($photo: Upload) {
          createOffer(input: {title: "Oysters", shortDescription: "A dozen"}, photo: $photo) { id } }""",
        events=("OfferCreated",),
    ),
    "change an offer with its photo": Same(
        "PATCH",
        OFFER,
        {"form": [("tag", "New")], "files": {"photo": PNG}},
        """($offer: ID!, $photo: Upload) {
          updateOffer(id: $offer, input: {tag: "New"}, photo: $photo) { id } }""",
        events=("OfferUpdated",),
    ),
    "upload an offer's photo": Same(
        "POST",
        f"{OFFER}upload-image/",
        {"files": {"photo": PNG}},
        "($offer: ID!, $photo: Upload!) { uploadOfferImage(id: $offer, photo: $photo) { id } }",
        events=("OfferImageUpdated",),
    ),
    "change the settings with pictures": Same(
        "PATCH",
        SETTINGS,
        {"form": [("tagline", "By the lake")], "files": {"hero_image": PNG, "logo": PNG}},
        """($hero_image: Upload, $logo: Upload) {
          updateSettings(input: {tagline: "By the lake"}, heroImage: $hero_image, logo: $logo) { id } }""",
        events=("SettingsUpdated",),
    ),
    "upload a picture to the gallery": Same(
        "POST",
        f"{KILLARNEY}/gallery/upload/",
        {"files": {"image": PNG}},
        "($image: Upload!) { uploadGalleryImage(image: $image) { url } }",
        events=("GalleryImageUploaded",),
    ),
    "upload a picture to the gallery, at the other place": Same(
        "POST",
        f"{KILLARNEY}/settings/gallery/upload/",
        {"files": {"image": PNG}},
        "($image: Upload!) { uploadGalleryImage(image: $image) { url } }",
        events=("GalleryImageUploaded",),
    ),
    "upload a room type's photo": Same(
        "POST",
        ROOM_TYPE,
        {"files": {"photo": PNG}},
        "($room_type: ID!, $photo: Upload!) { uploadRoomTypeImage(id: $room_type, photo: $photo) { id } }",
        events=("RoomTypeImageUpdated",),
    ),
    "confirm": Same(
        "POST",
        f"{BOOKINGS}/{{pending}}/confirm/",
        {},
        "($pending: ID!) { confirmBooking(id: $pending) { id } }",
        events=("BookingStatusChanged",),
    ),
    "assign a room": Same(
        "POST",
        f"{BOOKINGS}/{{pending}}/assign-room/",
        {"json": {"room_number": "104"}},
        "($pending: ID!, $room: ID!) { assignRoom(id: $pending, roomId: $room) { id } }",
        events=("BookingRoomAssigned",),
    ),
    "check in": Same(
        "POST",
        f"{BOOKINGS}/{{confirmed}}/check-in/",
        {},
        "($confirmed: ID!) { checkIn(id: $confirmed) { id } }",
        events=("BookingCheckedIn", "BookingStatusChanged"),
    ),
    "check out": Same(
        "POST",
        f"{BOOKINGS}/{{checked_in}}/check-out/",
        {},
        "($checked_in: ID!) { checkOut(id: $checked_in) { id } }",
        events=("BookingCheckedOut", "BookingStatusChanged"),
    ),
    "cancel": Same(
        "POST",
        f"{BOOKINGS}/{{confirmed}}/cancel/",
        {"json": {"reason": "Fog at the airport"}},
        '($confirmed: ID!) { cancelBooking(id: $confirmed, reason: "Fog at the airport") { id } }',
        events=("BookingStatusChanged",),
    ),
    "cancel without a word": Same(
        "POST",
        f"{BOOKINGS}/{{pending}}/cancel/",
        {},
        "($pending: ID!) { cancelBooking(id: $pending) { id } }",
        events=("BookingStatusChanged",),
    ),
    "no show": Same(
        "POST",
        f"{BOOKINGS}/{{confirmed}}/no-show/",
        {},
        "($confirmed: ID!) { markNoShow(id: $confirmed) { id } }",
        events=("BookingStatusChanged",),
    ),
}


@pytest.fixture
def twin(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Another copy of the database that the frontend's doors lead to."""
    shutil.copy(sqlite_template, tmp_path / "twin.sqlite3")
    opened = Database(f"sqlite:///{tmp_path / 'twin.sqlite3'}")
    yield opened
    opened.close()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_both_doors_lead_to_the_same(
    frontend: Frontend, sqlite_database: Database, twin: Database, call: Same
) -> None:
    ids = known_ids(twin)
    body = dict(call.body)
    fields, files = body.pop("form", ()), body.pop("files", {})
    if fields or files:
        body["data"] = with_files(*fields, **files)
    await frontend.ok(call.method, call.path.format_map(ids), **body)
    asked_for: dict[str, Any] = {name: ids[name] for name in ids if f"${name}:" in call.document}
    asked_for |= {name: Upload(BytesIO(content)) for name, content in files.items()}
    Api(twin).data(f"mutation {call.document}", ANNA, **asked_for, **call.variables)

    assert everything_but_times(sqlite_database) == everything_but_times(twin)
    with sqlite_database.reading() as reading:
        recorded = reading.exec(select(EventRecord.type).order_by(EventRecord.seq)).all()
    assert tuple(recorded) == call.events


async def test_both_doors_log_in_alike(frontend: Frontend, sqlite_database: Database, twin: Database) -> None:
    reply = await frontend.ok(
        "POST", "/api/staff/login/", None, json={"username": "anna", "password": "demo"}
    )
    document = 'mutation { logIn(username: "anna", password: "demo") { staff { id userId } } }'
    staff = Api(twin).data(document)["logIn"]["staff"]
    assert {name: reply[name] for name in ("staff_id", "user_id", "hotel_slug")} == {
        "staff_id": int(staff["id"]),
        "user_id": int(staff["userId"]),
        "hotel_slug": "killarney",
    }
    sessions = [everything_but_times(database)["session"] for database in (sqlite_database, twin)]
    assert len(sessions[0]) == len(sessions[1]) == 4
    assert (await frontend.send("GET", f"{KILLARNEY}/offers/", f"Bearer {reply['token']}")).status == 200


def known_ids(database: Database) -> dict[str, str]:
    """Ids of killarney by what the calls name them."""
    with database.reading() as reading:
        hotel = reading.exec(select(Hotel).where(Hotel.slug == "killarney")).one()
        bookings = reading.exec(select(Booking).where(Booking.hotel_id == hotel.id))
        by_status = {booking.status: booking.reference for booking in bookings}
        room = reading.exec(select(Room.id).where(Room.hotel_id == hotel.id, Room.number == "104")).one()
        offer = reading.exec(select(Offer.id).where(Offer.hotel_id == hotel.id)).first()
        room_type = reading.exec(select(RoomType.id).where(RoomType.hotel_id == hotel.id)).first()
        assert reading.exec(select(GalleryImage).where(GalleryImage.url == URLS[0])).one()
    return {
        "offer": str(offer),
        "room": str(room),
        "room_type": str(room_type),
        "pending": by_status[BookingStatus.PENDING_PAYMENT],
        "confirmed": by_status[BookingStatus.CONFIRMED],
        "checked_in": by_status[BookingStatus.CHECKED_IN],
    }


def everything_but_times(database: Database) -> dict[str, list[str]]:
    """Every row of every table, events included, without times of the day."""
    time = re.compile(r"datetime\.datetime\([^)]*\)|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
    with database.reading() as reading:
        return {
            table.name: sorted(
                time.sub("TIME", repr(row)) for row in reading.connection().execute(table.select())
            )
            for table in SQLModel.metadata.sorted_tables
        }
