"""Every event says to the frontends of today what LEGACY.md promises them, and nothing else."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from hotelmate.bridge.legacy import Legacy
from hotelmate.events import catalogue
from hotelmate.events.catalogue import EventData
from hotelmate.events.log import Event
from hotelmate.models import BookingStatus, ThemeMode
from hotelmate.settings import ChannelVisibility, load

PUBLIC, PRIVATE, BOTH = ChannelVisibility.PUBLIC, ChannelVisibility.PRIVATE, ChannelVisibility.BOTH
AT = datetime(2025, 11, 22, 14, 30, tzinfo=UTC)
THEN = datetime(2025, 11, 22, 9, 15, tzinfo=timezone(timedelta(hours=1)))
META = {"event_id": 4711, "seq": 12, "cursor": "YTFiMmMzZDQ6MTI"}
LEGACY = Legacy(
    hotel_channels=PUBLIC,
    booking_channels=BOTH,
    is_guest_token_public=False,
    issue_guest_token=lambda reference, nonce: f"{reference}.signed-over-{nonce}",
)

OFFER = catalogue.OfferSnapshot(
    id=5,
    title="Two nights, one dinner",
    short_description="Stay two nights.",
    details_text="Text",
    details_html="<p>Text</p>",
    valid_from=date(2025, 12, 1),
    valid_to=None,
    tag="Popular",
    book_now_url="https://killarney.example/book",
    photo_url="/media/offer.jpg",
    sort_order=2,
    is_active=True,
    created_at=THEN,
)
LEGACY_OFFER = {
    "id": 5,
    "title": "Two nights, one dinner",
    "short_description": "Stay two nights.",
    "details_text": "Text",
    "details_html": "<p>Text</p>",
    "valid_from": "2025-12-01",
    "valid_to": None,
    "tag": "Popular",
    "book_now_url": "https://killarney.example/book",
    "photo": "/media/offer.jpg",
    "photo_url": "/media/offer.jpg",
    "sort_order": 2,
    "is_active": True,
    "created_at": "2025-11-22T08:15:00+00:00",
}
SETTINGS = catalogue.SettingsSnapshot(
    hero_image="/media/hero.jpg",
    hero_image_display="https://killarney.example/media/hero.jpg",
    landing_page_image=None,
    logo=None,
    tagline="Between the lakes",
    short_description="",
    long_description="",
    welcome_message="",
    amenities=("Free WiFi",),
    contact_email="",
    contact_phone="",
    contact_address="",
    website="",
    theme=catalogue.ThemeSnapshot(
        mode=ThemeMode.LIGHT,
        primary_color="#000000",
        secondary_color="#000000",
        accent_color="#000000",
        background_color="#000000",
        text_color="#000000",
        button_color="#000000",
        link_color="#000000",
    ),
    updated_at=AT,
)
LEGACY_SETTINGS = {
    "hero_image": "/media/hero.jpg",
    "hero_image_display": "https://killarney.example/media/hero.jpg",
    "gallery": ["/media/1.jpg", "/media/2.jpg"],
    "updated_at": "2025-11-22T14:30:00+00:00",
}
CHECKED_IN = catalogue.BookingCheckedIn(
    booking_id="BK-2025-0002", room_number="101", checked_in_at=THEN, guest_token_nonce="n1"
)


def event(data: EventData) -> Event:
    return Event(
        id=4711, hotel_id=1, hotel_slug="killarney", epoch="a1b2c3d4", seq=12, occurred_at=AT, data=data
    )


def told(legacy: Legacy, data: EventData) -> list[tuple[str, str, dict[str, Any]]]:
    messages = legacy.messages_of(event(data))
    return [(message.channel, message.event_name, json.loads(message.data)) for message in messages]


HOTEL_ROWS: list[tuple[EventData, str, dict[str, Any]]] = [
    (
        catalogue.ClockStatusUpdated(
            user_id=123,
            staff_id=456,
            is_on_duty=True,
            clock_time=THEN,
            first_name="John",
            last_name="Doe",
            action=catalogue.ClockAction.CLOCK_IN,
        ),
        "clock-status-updated",
        {
            "user_id": 123,
            "staff_id": 456,
            "is_on_duty": True,
            "clock_time": "2025-11-22T08:15:00+00:00",
            "first_name": "John",
            "last_name": "Doe",
            "action": "clock_in",
        },
    ),
    (
        catalogue.ClockStatusUpdated(
            user_id=123,
            staff_id=456,
            is_on_duty=False,
            clock_time=AT,
            first_name="Áine",
            last_name="Ní Bhriain",
            action=catalogue.ClockAction.CLOCK_OUT,
        ),
        "clock-status-updated",
        {
            "user_id": 123,
            "staff_id": 456,
            "is_on_duty": False,
            "clock_time": "2025-11-22T14:30:00+00:00",
            "first_name": "Áine",
            "last_name": "Ní Bhriain",
            "action": "clock_out",
        },
    ),
    (catalogue.OfferCreated(offer=OFFER), "offer-created", {"offer": LEGACY_OFFER, "action": "created"}),
    (
        catalogue.OfferUpdated(offer=OFFER, was_active=False),
        "offer-updated",
        {"offer": LEGACY_OFFER, "action": "updated"},
    ),
    (
        catalogue.OfferDeleted(offer_id=5, offer_title="Two nights, one dinner", was_active=True),
        "offer-deleted",
        {"offer_id": 5, "offer_title": "Two nights, one dinner", "action": "deleted"},
    ),
    (
        catalogue.OfferImageUpdated(
            offer_id=5, offer_title="Two nights, one dinner", photo_url="/media/new.jpg", is_active=True
        ),
        "offer-image-updated",
        {
            "offer_id": 5,
            "offer_title": "Two nights, one dinner",
            "photo_url": "/media/new.jpg",
            "timestamp": "2025-11-22T14:30:00+00:00",
        },
    ),
    (
        catalogue.SettingsUpdated(
            settings=SETTINGS, gallery=("/media/1.jpg", "/media/2.jpg"), changed=("wifi_password",)
        ),
        "settings-updated",
        LEGACY_SETTINGS,
    ),
    (
        catalogue.GalleryImageRemoved(
            url="/media/3.jpg",
            gallery=("/media/1.jpg", "/media/2.jpg"),
            hero_image="/media/hero.jpg",
            hero_image_display="https://killarney.example/media/hero.jpg",
            updated_at=AT,
        ),
        "settings-updated",
        LEGACY_SETTINGS,
    ),
    (
        catalogue.GalleryImageUploaded(url="/media/4.jpg", public_id="killarney/4"),
        "gallery-image-uploaded",
        {"url": "/media/4.jpg", "public_id": "killarney/4"},
    ),
    (
        catalogue.GalleryReordered(gallery=("/media/2.jpg", "/media/1.jpg")),
        "gallery-reordered",
        {"gallery": ["/media/2.jpg", "/media/1.jpg"]},
    ),
    (
        catalogue.RoomTypeImageUpdated(room_type_id=7, photo_url="/media/suite.jpg"),
        "room-type-image-updated",
        {"room_type_id": 7, "photo_url": "/media/suite.jpg", "timestamp": "2025-11-22T14:30:00+00:00"},
    ),
]
BOOKING_ROWS: list[tuple[EventData, str, dict[str, Any]]] = [
    (
        catalogue.BookingCheckedOut(booking_id="BK-2025-0002", room_number="101", checked_out_at=THEN),
        "booking_checked_out",
        {
            "booking_id": "BK-2025-0002",
            "room_number": "101",
            "checked_out_at": "2025-11-22T08:15:00+00:00",
        },
    ),
    (
        catalogue.BookingRoomAssigned(
            booking_id="BK-2025-0002", room_number="101", room_type="Standard Double"
        ),
        "booking_room_assigned",
        {
            "booking_id": "BK-2025-0002",
            "room_number": "101",
            "room_type": "Standard Double",
            "assigned_at": "2025-11-22T14:30:00+00:00",
        },
    ),
    (
        catalogue.BookingStatusChanged(
            booking_id="BK-2025-0002",
            status=BookingStatus.CHECKED_IN,
            previous_status=BookingStatus.CONFIRMED,
        ),
        "booking_status_changed",
        {
            "booking_id": "BK-2025-0002",
            "status": "CHECKED_IN",
            "previous_status": "CONFIRMED",
            "changed_at": "2025-11-22T14:30:00+00:00",
        },
    ),
]


@pytest.mark.parametrize(("data", "name", "payload"), HOTEL_ROWS, ids=lambda row: type(row).__name__)
def test_what_happens_in_a_hotel_goes_to_its_channel(
    data: EventData, name: str, payload: dict[str, Any]
) -> None:
    assert told(LEGACY, data) == [("hotel-killarney", name, {**payload, "meta": META})]


@pytest.mark.parametrize(("data", "name", "payload"), BOOKING_ROWS, ids=lambda row: type(row).__name__)
def test_what_happens_to_a_booking_goes_to_its_channel_and_the_private_twin(
    data: EventData, name: str, payload: dict[str, Any]
) -> None:
    assert told(LEGACY, data) == [
        ("booking.BK-2025-0002", name, {**payload, "meta": META}),
        ("private-guest-booking.BK-2025-0002", name, {**payload, "meta": META}),
    ]


def test_the_guest_token_goes_to_the_private_twin_only() -> None:
    payload = {
        "booking_id": "BK-2025-0002",
        "room_number": "101",
        "checked_in_at": "2025-11-22T08:15:00+00:00",
    }
    token = {"guest_token": "BK-2025-0002.signed-over-n1"}
    assert told(LEGACY, CHECKED_IN) == [
        ("booking.BK-2025-0002", "booking_checked_in", {**payload, "meta": META}),
        ("private-guest-booking.BK-2025-0002", "booking_checked_in", {**payload, **token, "meta": META}),
    ]


def test_the_guest_token_goes_to_the_public_channel_too_where_the_settings_say_so() -> None:
    messages = told(replace(LEGACY, is_guest_token_public=True), CHECKED_IN)
    assert [payload["guest_token"] for _, _, payload in messages] == ["BK-2025-0002.signed-over-n1"] * 2


def test_a_new_booking_is_nothing_that_the_frontends_hear_of() -> None:
    created = catalogue.BookingCreated(booking_id="BK-2025-0002", status=BookingStatus.PENDING_PAYMENT)
    assert told(LEGACY, created) == []


def test_every_event_of_the_catalogue_is_in_these_tables() -> None:
    rows = [data for data, _, _ in [*HOTEL_ROWS, *BOOKING_ROWS]]
    named = {type(data).__name__ for data in rows} | {"BookingCheckedIn", "BookingCreated"}
    assert named | {"BookingEventData"} == set(EventData.kinds)


@pytest.mark.parametrize(
    ("hotel", "booking", "channels"),
    [
        (PUBLIC, PUBLIC, ["hotel-killarney", "booking.BK-2025-0002"]),
        (PRIVATE, PRIVATE, ["private-hotel-killarney", "private-guest-booking.BK-2025-0002"]),
        (
            BOTH,
            BOTH,
            [
                "hotel-killarney",
                "private-hotel-killarney",
                "booking.BK-2025-0002",
                "private-guest-booking.BK-2025-0002",
            ],
        ),
        (PUBLIC, PRIVATE, ["hotel-killarney", "private-guest-booking.BK-2025-0002"]),
    ],
)
def test_the_settings_choose_the_channels(
    hotel: ChannelVisibility, booking: ChannelVisibility, channels: list[str]
) -> None:
    settings = load(pusher_hotel_channels=hotel, pusher_booking_channels=booking)
    legacy = Legacy.configured(settings, LEGACY.issue_guest_token)
    happened = [catalogue.GalleryReordered(gallery=()), CHECKED_IN]
    assert [channel for data in happened for channel, _, _ in told(legacy, data)] == channels


def test_every_attempt_says_the_same() -> None:
    assert LEGACY.messages_of(event(CHECKED_IN)) == LEGACY.messages_of(event(CHECKED_IN))
