"""Every event of the catalogue has its GraphQL type, and the log can be read as those."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_abstract_type

from hotelmate.events import catalogue, log
from hotelmate.models import BookingStatus, ThemeMode
from hotelmate.schema.build import build_schema
from tests.schema.api import ANNA, BEN, CARLA, Api

AT = datetime(2026, 6, 15, 9, 30, 0, 250000, tzinfo=UTC)
SHOWN_AT = "2026-06-15T09:30:00.250000+00:00"

OFFER = catalogue.OfferSnapshot(
    id=12,
    title="Spa day",
    short_description="Warm water.",
    details_text="All day.",
    details_html="<p>All day.</p>",
    valid_from=date(2040, 6, 15),
    valid_to=None,
    tag="Wellness",
    book_now_url="https://killarney.example/spa",
    photo_url="/media/spa.jpg",
    sort_order=5,
    is_active=True,
    created_at=AT,
)
SHOWN_OFFER = {
    "id": "12",
    "title": "Spa day",
    "shortDescription": "Warm water.",
    "detailsText": "All day.",
    "detailsHtml": "<p>All day.</p>",
    "validFrom": "2040-06-15",
    "validTo": None,
    "tag": "Wellness",
    "bookNowUrl": "https://killarney.example/spa",
    "photoUrl": "/media/spa.jpg",
    "sortOrder": 5,
    "isActive": True,
    "createdAt": SHOWN_AT,
}
SETTINGS = catalogue.SettingsSnapshot(
    hero_image=None,
    hero_image_display="/media/landing.jpg",
    landing_page_image="/media/landing.jpg",
    logo="/media/logo.png",
    tagline="By the lakes",
    short_description="Small.",
    long_description="Small and old.",
    welcome_message="Fáilte",
    amenities=("Sauna", "Boats"),
    contact_email="hello@killarney.example",
    contact_phone="+353 1",
    contact_address="Killarney",
    website="https://killarney.example",
    theme=catalogue.ThemeSnapshot(
        mode=ThemeMode.DARK,
        primary_color="#000001",
        secondary_color="#000002",
        accent_color="#000003",
        background_color="#000004",
        text_color="#000005",
        button_color="#000006",
        link_color="#000007",
    ),
    updated_at=AT,
)
SHOWN_SETTINGS = {
    "heroImage": None,
    "heroImageDisplay": "/media/landing.jpg",
    "landingPageImage": "/media/landing.jpg",
    "logo": "/media/logo.png",
    "tagline": "By the lakes",
    "shortDescription": "Small.",
    "longDescription": "Small and old.",
    "welcomeMessage": "Fáilte",
    "amenities": ["Sauna", "Boats"],
    "contactEmail": "hello@killarney.example",
    "contactPhone": "+353 1",
    "contactAddress": "Killarney",
    "website": "https://killarney.example",
    "theme": {
        "mode": "DARK",
        "primaryColor": "#000001",
        "secondaryColor": "#000002",
        "accentColor": "#000003",
        "backgroundColor": "#000004",
        "textColor": "#000005",
        "buttonColor": "#000006",
        "linkColor": "#000007",
    },
    "updatedAt": SHOWN_AT,
}

SELECT_OFFER = f"offer {{ {' '.join(SHOWN_OFFER)} }}"
SELECT_SETTINGS = """settings {
    heroImage heroImageDisplay landingPageImage logo tagline shortDescription longDescription
    welcomeMessage amenities contactEmail contactPhone contactAddress website
    theme { mode primaryColor secondaryColor accentColor backgroundColor textColor buttonColor linkColor }
    updatedAt
}"""

# What happened, the subscription that it reaches (with the selection), and what is sent of it.
EVENTS: list[tuple[catalogue.EventData, str, str, dict[str, Any]]] = [
    (
        catalogue.ClockStatusUpdated(
            user_id=7,
            staff_id=3,
            is_on_duty=True,
            clock_time=AT,
            first_name="Anna",
            last_name="Kelly",
            action=catalogue.ClockAction.CLOCK_IN,
        ),
        "clockStatus",
        "userId staffId isOnDuty clockTime firstName lastName action",
        {
            "userId": "7",
            "staffId": "3",
            "isOnDuty": True,
            "clockTime": SHOWN_AT,
            "firstName": "Anna",
            "lastName": "Kelly",
            "action": "CLOCK_IN",
        },
    ),
    (
        catalogue.OfferCreated(offer=OFFER),
        "offers",
        SELECT_OFFER,
        {"offer": SHOWN_OFFER},
    ),
    (
        catalogue.OfferUpdated(offer=OFFER, was_active=True),
        "offers",
        SELECT_OFFER,
        {"offer": SHOWN_OFFER},
    ),
    (
        catalogue.OfferDeleted(offer_id=12, offer_title="Spa day", was_active=True),
        "offers",
        "offerId offerTitle",
        {"offerId": "12", "offerTitle": "Spa day"},
    ),
    (
        catalogue.OfferImageUpdated(
            offer_id=12, offer_title="Spa day", photo_url="/media/spa.jpg", is_active=True
        ),
        "offers",
        "offerId offerTitle photoUrl",
        {"offerId": "12", "offerTitle": "Spa day", "photoUrl": "/media/spa.jpg"},
    ),
    (
        catalogue.SettingsUpdated(
            settings=SETTINGS,
            gallery=("/media/a.jpg", "/media/b.jpg"),
            changed=("hero_image", "tagline", "theme", "wifi_name"),
        ),
        "settings",
        SELECT_SETTINGS + " gallery updatedAt changed",
        {
            "settings": SHOWN_SETTINGS,
            "gallery": ["/media/a.jpg", "/media/b.jpg"],
            "updatedAt": SHOWN_AT,
            "changed": ["heroImage", "tagline", "theme", "wifiName"],
        },
    ),
    (
        catalogue.GalleryImageUploaded(url="/media/a.jpg", public_id="a"),
        "settings",
        "url publicId",
        {"url": "/media/a.jpg", "publicId": "a"},
    ),
    (
        catalogue.GalleryImageRemoved(
            url="/media/a.jpg",
            gallery=("/media/b.jpg",),
            hero_image=None,
            hero_image_display=None,
            updated_at=AT,
        ),
        "settings",
        "url gallery",
        {"url": "/media/a.jpg", "gallery": ["/media/b.jpg"]},
    ),
    (
        catalogue.GalleryReordered(gallery=("/media/b.jpg", "/media/a.jpg")),
        "settings",
        "gallery",
        {"gallery": ["/media/b.jpg", "/media/a.jpg"]},
    ),
    (
        catalogue.RoomTypeImageUpdated(room_type_id=2, photo_url="/media/room.jpg"),
        "settings",
        "roomTypeId photoUrl",
        {"roomTypeId": "2", "photoUrl": "/media/room.jpg"},
    ),
    (
        catalogue.BookingCreated(booking_id="BK-2026-0001", status=BookingStatus.PENDING_PAYMENT),
        "bookings",
        "bookingId status",
        {"bookingId": "BK-2026-0001", "status": "PENDING_PAYMENT"},
    ),
    (
        catalogue.BookingStatusChanged(
            booking_id="BK-2026-0001",
            status=BookingStatus.CHECKED_IN,
            previous_status=BookingStatus.CONFIRMED,
        ),
        "bookings",
        "bookingId status previousStatus",
        {"bookingId": "BK-2026-0001", "status": "CHECKED_IN", "previousStatus": "CONFIRMED"},
    ),
    (
        catalogue.BookingRoomAssigned(booking_id="BK-2026-0001", room_number="101", room_type="Suite"),
        "bookings",
        "bookingId roomNumber roomType",
        {"bookingId": "BK-2026-0001", "roomNumber": "101", "roomType": "Suite"},
    ),
    (
        catalogue.BookingCheckedIn(
            booking_id="BK-2026-0001", room_number="101", checked_in_at=AT, guest_token_nonce="secret"
        ),
        "bookings",
        "bookingId roomNumber checkedInAt",
        {"bookingId": "BK-2026-0001", "roomNumber": "101", "checkedInAt": SHOWN_AT},
    ),
    (
        catalogue.BookingCheckedOut(booking_id="BK-2026-0001", room_number="101", checked_out_at=AT),
        "bookings",
        "bookingId roomNumber checkedOutAt",
        {"bookingId": "BK-2026-0001", "roomNumber": "101", "checkedOutAt": SHOWN_AT},
    ),
]
SUBSCRIPTIONS = {
    "clockStatus": "clockStatus",
    "offers": 'offers(hotelSlug: "killarney")',
    "settings": 'settings(hotelSlug: "killarney")',
    "bookings": "bookings",
}


def test_every_event_of_the_catalogue_is_below() -> None:
    tried = {type(data).__name__ for data, *_ in EVENTS}
    assert tried == catalogue.EventData.kinds.keys() - {"BookingEventData"}


@pytest.mark.parametrize(
    ("data", "field", "selection", "shown"), EVENTS, ids=lambda value: type(value).__name__
)
def test_an_event_is_sent_as_its_type(
    sqlite_api: Api, data: catalogue.EventData, field: str, selection: str, shown: dict[str, Any]
) -> None:
    kind = type(data).__name__
    event = log.Event(
        id=41, hotel_id=1, hotel_slug="killarney", epoch="ab12", seq=5, occurred_at=AT, data=data
    )
    head = {
        "__typename": kind,
        "id": "41",
        "hotelSlug": "killarney",
        "seq": 5,
        "cursor": event.cursor,
        "occurredAt": SHOWN_AT,
    }
    chosen = f"... on Event {{ {' '.join(head)} }} ... on {kind} {{ {selection} }}"
    with sqlite_api.statements() as sent:
        for asked in (SUBSCRIPTIONS[field], "hotelEvents"):
            document = f"subscription {{ event: {asked} {{ {chosen} }} }}"
            assert sqlite_api.update(document, event) == {"event": head | shown}
    assert sent == []


def test_the_log_is_read_from_its_beginning_or_after_a_cursor(api: Api) -> None:
    for caller in (ANNA, BEN, ANNA, CARLA):
        api.data("mutation { toggleClock { action } }", caller)
    document = """query($first: Int = 100, $after: String) { events(first: $first, after: $after) {
        seq hotelSlug cursor ... on ClockStatusUpdated { firstName action }
    } }"""
    events = api.data(document, ANNA)["events"]
    assert [(event["seq"], event["firstName"], event["action"]) for event in events] == [
        (1, "Anna", "CLOCK_IN"),
        (2, "Ben", "CLOCK_IN"),
        (3, "Anna", "CLOCK_OUT"),
    ]
    assert api.data(document, ANNA, after=events[0]["cursor"])["events"] == events[1:]
    assert api.data(document, ANNA, first=2)["events"] == events[:2]
    assert api.data(document, ANNA, first=0)["events"] == []


def test_what_an_event_shows_stands_in_it_whoever_looks() -> None:
    """Who follows the same shares each execution, so no field may ask who it is for, or what time it is."""
    schema = build_schema()._schema
    assert schema.subscription_type is not None
    unseen = [field.type for field in schema.subscription_type.fields.values()]
    seen: dict[str, GraphQLObjectType] = {}
    while unseen:
        shown = get_named_type(unseen.pop())
        if is_abstract_type(shown):
            unseen += schema.get_possible_types(shown)
        elif isinstance(shown, GraphQLObjectType) and shown.name not in seen:
            seen[shown.name] = shown
            unseen += [field.type for field in shown.fields.values()]
    assert {"ClockStatusUpdated", "Offer", "HotelSettings", "Theme"} <= seen.keys()
    for shown in seen.values():
        for field in shown.extensions["strawberry-definition"].fields:
            assert field.base_resolver is None, f"{shown.name}.{field.name} is resolved by a function"
