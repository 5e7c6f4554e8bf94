"""The public page's settings change by what is sent, and everybody hears what they are then."""

from datetime import timedelta
from typing import Any

import pytest

from hotelmate.database import Database
from hotelmate.errors import BadUserInput
from hotelmate.events.catalogue import SettingsSnapshot, SettingsUpdated, ThemeSnapshot
from hotelmate.identity.actors import StaffActor
from hotelmate.media.storage import Location
from hotelmate.models import Hotel, HotelSettings, ThemeMode
from hotelmate.resolvers.settings import (
    addressed_images,
    check_changes,
    hero_image_display,
    snapshot,
    update_settings,
)
from tests.resolvers.steps import AT, change, recorded, refused

GALLERY = (
    "https://pictures.example/killarney/lobby.jpg",
    "https://pictures.example/killarney/garden.jpg",
    "https://pictures.example/killarney/restaurant.jpg",
)
TEXTS = {
    "tagline": ("tagline", 500),
    "short_description": ("shortDescription", 500),
    "long_description": ("longDescription", 20_000),
    "welcome_message": ("welcomeMessage", 20_000),
    "contact_phone": ("contactPhone", 50),
    "contact_address": ("contactAddress", 500),
}
IMAGES = {"hero_image": "heroImage", "landing_page_image": "landingPageImage", "logo": "logo"}
COLOURS = {
    "primary_color": "theme.primaryColor",
    "secondary_color": "theme.secondaryColor",
    "accent_color": "theme.accentColor",
    "background_color": "theme.backgroundColor",
    "text_color": "theme.textColor",
    "button_color": "theme.buttonColor",
    "link_color": "theme.linkColor",
}


def settings_of(database: Database, hotel: Hotel) -> HotelSettings:
    with database.reading() as reading:
        return reading.get_one(HotelSettings, hotel.id)


def update(database: Database, actor: StaffActor, **changes: Any) -> HotelSettings:
    return change(database, update_settings, actor, changes, at=AT)


def test_changed_settings_are_kept_and_told_in_full(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with recorded(database, killarney) as events:
        update(
            database,
            anna,
            tagline="Lakeside",
            theme={"mode": "CUSTOM", "primary_color": "#aabbcc"},
            amenities=["Sauna ", "Lake"],
        )
    assert events == [
        SettingsUpdated(
            settings=SettingsSnapshot(
                hero_image="https://pictures.example/killarney/hero.jpg",
                hero_image_display="https://pictures.example/killarney/hero.jpg",
                landing_page_image=None,
                logo=None,
                tagline="Lakeside",
                short_description="Hotel Killarney is a family-run hotel.",
                long_description="Hotel Killarney has been looking after its guests for three generations.",
                welcome_message="Céad míle fáilte!",
                amenities=("Sauna", "Lake"),
                contact_email="hello@killarney.example",
                contact_phone="+353 1 555 0100",
                contact_address="Muckross Road, Killarney, Co. Kerry",
                website="https://killarney.example",
                theme=ThemeSnapshot(
                    mode=ThemeMode.CUSTOM,
                    primary_color="#aabbcc",
                    secondary_color="#79A8A9",
                    accent_color="#F4A261",
                    background_color="#FFFFFF",
                    text_color="#1A1A1A",
                    button_color="#1F4E5F",
                    link_color="#1F6F8B",
                ),
                updated_at=AT,
            ),
            gallery=GALLERY,
            changed=("tagline", "amenities", "theme"),
        )
    ]
    kept = settings_of(database, killarney)
    assert (kept.tagline, kept.theme_mode, kept.primary_color) == ("Lakeside", ThemeMode.CUSTOM, "#aabbcc")
    assert (kept.amenities, kept.updated_at) == (["Sauna", "Lake"], AT)


def test_only_what_differs_counts_as_changed(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    with recorded(database, killarney) as events:
        update(
            database,
            anna,
            tagline="Between the lakes and the mountains",
            website="https://lakeside.example",
            theme={"mode": "LIGHT"},
        )
    assert [event.changed for event in events if isinstance(event, SettingsUpdated)] == [("website",)]


def test_an_update_that_changes_nothing_records_nothing(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    before = settings_of(database, killarney)
    with recorded(database, killarney) as events:
        update(database, anna)
        update(database, anna, theme={})
        update(database, anna, tagline=before.tagline, amenities=before.amenities)
    assert events == []
    assert settings_of(database, killarney).updated_at == before.updated_at


def test_of_the_wifi_only_that_it_changed_is_told(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with recorded(database, killarney) as events:
        update(database, anna, wifi_name="Lakeside Guests", wifi_password=" s3cret ")
    [event] = events
    assert isinstance(event, SettingsUpdated)
    assert event.changed == ("wifi_name", "wifi_password")
    assert "Lakeside Guests" not in event.model_dump_json()
    assert "s3cret" not in event.model_dump_json()
    kept = settings_of(database, killarney)
    assert (kept.wifi_name, kept.wifi_password) == ("Lakeside Guests", " s3cret ")


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_or_an_empty_text_clears(
    database: Database, killarney: Hotel, anna: StaffActor, nothing: str | None
) -> None:
    cleared: dict[str, object] = dict.fromkeys(
        (*TEXTS, *IMAGES, "contact_email", "website", "wifi_name", "wifi_password"), nothing
    )
    update(database, anna, **cleared, amenities=None)
    kept = settings_of(database, killarney)
    assert {name: getattr(kept, name) for name in (*TEXTS, "contact_email", "website")} == {
        **dict.fromkeys(TEXTS, ""),
        "contact_email": "",
        "website": "",
    }
    assert {name: getattr(kept, name) for name in (*IMAGES, "wifi_name", "wifi_password")} == {
        **dict.fromkeys(IMAGES),
        "wifi_name": None,
        "wifi_password": None,
    }
    assert kept.amenities == []


def test_texts_may_be_as_long_as_the_limits_say_and_no_longer(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    longest = {name: "x" * at_most for name, (_, at_most) in TEXTS.items()}
    update(database, anna, **longest, amenities=["a" * 100] * 100)
    kept = settings_of(database, killarney)
    assert {name: getattr(kept, name) for name in longest} == longest
    for name, (field, at_most) in TEXTS.items():
        with refused(database, BadUserInput, field=field):
            update(database, anna, **{name: "x" * (at_most + 1)})


def test_settings_that_cannot_be_are_refused(database: Database, anna: StaffActor) -> None:
    for changes, field in [
        ({"tagline": "a\0b"}, "tagline"),
        ({"tagline": 5}, "tagline"),
        ({"amenities": ["x"] * 101}, "amenities"),
        ({"amenities": ["a" * 101]}, "amenities"),
        ({"amenities": [""]}, "amenities"),
        ({"amenities": "Sauna"}, "amenities"),
        ({"contact_email": "hello"}, "contactEmail"),
        ({"website": "killarney.example"}, "website"),
        ({"wifi_name": "w" * 201}, "wifiName"),
        ({"wifi_password": "p\0"}, "wifiPassword"),
        ({"theme": None}, "theme"),
        ({"theme": "DARK"}, "theme"),
        ({"theme": {"mode": None}}, "theme.mode"),
        ({"theme": {"mode": "SEPIA"}}, "theme.mode"),
    ]:
        with refused(database, BadUserInput, field=field):
            update(database, anna, logo="/media/logo.png", **changes)


def test_every_colour_is_hexadecimal_of_six_digits(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    update(database, anna, theme=dict.fromkeys(COLOURS, "#0a0B0c"))
    kept = settings_of(database, killarney)
    assert {getattr(kept, name) for name in COLOURS} == {"#0a0B0c"}
    for name, field in COLOURS.items():
        for colour in ("red", "#abc", "#12345g", None):
            with refused(database, BadUserInput, field=field):
                update(database, anna, theme={"mode": "DARK", name: colour})


def test_images_are_addresses_or_our_own_media(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    update(database, anna, **dict.fromkeys(IMAGES, "/media/killarney/new.jpg"))
    kept = settings_of(database, killarney)
    assert {getattr(kept, name) for name in IMAGES} == {"/media/killarney/new.jpg"}
    for name, field in IMAGES.items():
        for image in ("/etc/passwd", "javascript:alert(1)", "https://h/" + "a" * 1991):
            with refused(database, BadUserInput, field=field):
                update(database, anna, **{name: image})


UPLOADED = {name: Location(f"https://pictures.example/{name}.jpg", name) for name in IMAGES}


def test_uploaded_images_and_other_changes_are_told_at_once(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    changes = {"tagline": "Lakeside"}
    with recorded(database, killarney) as events:
        change(database, update_settings, anna, changes, at=AT, images=UPLOADED)
    [event] = events
    assert isinstance(event, SettingsUpdated)
    assert event.changed == ("tagline", "hero_image", "landing_page_image", "logo")
    told = event.settings
    assert (told.hero_image, told.landing_page_image, told.logo) == (
        "https://pictures.example/hero_image.jpg",
        "https://pictures.example/landing_page_image.jpg",
        "https://pictures.example/logo.jpg",
    )
    kept = settings_of(database, killarney)
    assert {getattr(kept, name) for name in IMAGES} == {image.url for image in UPLOADED.values()}


def test_an_uploaded_image_that_is_there_already_is_told_too(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    change(database, update_settings, anna, {}, at=AT, images=UPLOADED)
    with recorded(database, killarney) as events:
        change(database, update_settings, anna, {}, at=AT, images={"logo": UPLOADED["logo"]})
    [event] = events
    assert isinstance(event, SettingsUpdated)
    assert event.changed == ("logo",)


def test_an_image_is_uploaded_or_named_not_both(database: Database, anna: StaffActor) -> None:
    for name, field in IMAGES.items():
        changes = {name: "/media/new.jpg"}
        with refused(database, BadUserInput, field=field):
            check_changes(anna, changes, images=[name])
        with refused(database, BadUserInput, field=field):
            change(database, update_settings, anna, changes, at=AT, images={name: UPLOADED[name]})


def test_what_would_be_refused_is_known_before_images_are_kept(database: Database, anna: StaffActor) -> None:
    check_changes(anna, {"tagline": "Lakeside"}, images=IMAGES)
    with refused(database, BadUserInput, field="website"):
        check_changes(anna, {"website": "lakeside"}, images=IMAGES)


def test_another_hotels_settings_stay_as_they_are(
    database: Database, dublin: Hotel, anna: StaffActor
) -> None:
    before = settings_of(database, dublin)
    with recorded(database, dublin) as events:
        update(database, anna, tagline="Lakeside")
    assert settings_of(database, dublin) == before
    assert events == []


def test_without_a_hero_image_the_landing_pages_stands_in() -> None:
    settings = HotelSettings(hotel_id=1, updated_at=AT)
    assert hero_image_display(settings) is None
    settings.landing_page_image = "/media/landing.jpg"
    assert hero_image_display(settings) == "/media/landing.jpg"
    settings.hero_image = "/media/hero.jpg"
    assert hero_image_display(settings) == "/media/hero.jpg"
    assert snapshot(settings).hero_image_display == "/media/hero.jpg"


OURS = Location("https://pictures.example/ours.jpg", "ours", page_url="https://pictures.example/page.webp")
# It looks like one of ours, and is not.
THEIRS = f"https://pictures.example/{'0123456789abcdef' * 4}.jpg"


def test_the_page_shows_a_hero_image_of_ours_at_a_width_of_its_own(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    def display(changes: dict[str, Any], **pictures: Any) -> str | None:
        change(database, update_settings, anna, changes, at=AT, **pictures)
        return hero_image_display(settings_of(database, killarney))

    assert display({"hero_image": None, "landing_page_image": THEIRS}) == THEIRS
    assert display({}, images={"landing_page_image": OURS}) == OURS.page_url
    assert display({"hero_image": THEIRS}) == THEIRS
    assert display({"hero_image": OURS.url}, found={OURS.url: OURS}) == OURS.page_url
    assert display({"hero_image": OURS.url, "tagline": "Lakeside"}) == OURS.page_url
    assert display({"hero_image": THEIRS}) == THEIRS
    assert display({}, images={"hero_image": OURS}) == OURS.page_url
    assert display({"hero_image": None}) == OURS.page_url
    assert display({"landing_page_image": None}) is None


def test_only_addresses_that_are_new_are_looked_for(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    update(database, anna, hero_image=THEIRS, logo=None)
    changes = {"hero_image": THEIRS, "landing_page_image": f" {THEIRS} ", "logo": None, "tagline": "Lakeside"}
    with database.reading() as reading:
        assert addressed_images(reading, anna, changes) == {"landingPageImage": THEIRS}
        assert addressed_images(reading, anna, {"tagline": "Lakeside"}) == {}
    with refused(database, BadUserInput, field="logo"), database.reading() as reading:
        addressed_images(reading, anna, {"logo": "javascript:alert(1)"})


def test_a_later_update_moves_the_time(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    update(database, anna, tagline="Lakeside")
    change(database, update_settings, anna, {"logo": "/media/l.png"}, at=AT + timedelta(hours=1))
    assert settings_of(database, killarney).updated_at == AT + timedelta(hours=1)
