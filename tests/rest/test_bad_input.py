"""What an operation cannot accept is refused with its status and its field, and changes nothing."""

from typing import Any

import pytest

from hotelmate.database import Database
from hotelmate.models import BookingStatus, Hotel
from tests.resolvers.steps import everything
from tests.rest.conftest import booking_of
from tests.rest.frontend import KILLARNEY, Frontend, form

OFFERS, SETTINGS, GALLERY = f"{KILLARNEY}/offers/", f"{KILLARNEY}/settings/", f"{KILLARNEY}/gallery"
NEW = {"title": "Oysters", "short_description": "A dozen"}
REQUIRED = "This field is required."
TEXT, NUMBER, BOOLEAN = "This must be text.", "This must be a whole number.", "This must be true or false."
DAY, LIST, OBJECT = "Write a day as YYYY-MM-DD.", "This must be a list.", "This must be an object."

OFFER_MISTAKES: list[tuple[dict[str, Any], str, str | None]] = [
    ({"title": ""}, "title", "This must not be empty."),
    ({"title": "   "}, "title", "This must not be empty."),
    ({"title": None}, "title", TEXT),
    ({"title": 7}, "title", TEXT),
    ({"title": ["a"]}, "title", TEXT),
    ({"title": "a\0b"}, "title", "This holds characters that no text has."),
    ({"title": "t" * 201}, "title", "This is longer than 200 characters."),
    ({"short_description": "s" * 501}, "short_description", "This is longer than 500 characters."),
    ({"details_html": {}}, "details_html", TEXT),
    ({"valid_from": "tomorrow"}, "valid_from", DAY),
    ({"valid_from": "2026-02-30"}, "valid_from", DAY),
    ({"valid_from": "2026-05-01T00:00:00Z"}, "valid_from", DAY),
    ({"valid_from": 20260501}, "valid_from", DAY),
    ({"valid_from": "2026-05-02", "valid_to": "2026-05-01"}, "valid_to", None),
    ({"book_now_url": "javascript:alert(1)"}, "book_now_url", "This must be an http or https address."),
    ({"sort_order": "many"}, "sort_order", NUMBER),
    ({"sort_order": 1.5}, "sort_order", NUMBER),
    ({"sort_order": True}, "sort_order", NUMBER),
    ({"sort_order": None}, "sort_order", NUMBER),
    ({"sort_order": 2**31}, "sort_order", "This must be from -2147483648 to 2147483647."),
    ({"sort_order": 10**30}, "sort_order", NUMBER),
    ({"sort_order": "9" * 17}, "sort_order", "This must be from -2147483648 to 2147483647."),
    ({"is_active": "yes"}, "is_active", BOOLEAN),
    ({"is_active": 2}, "is_active", BOOLEAN),
    ({"is_active": None}, "is_active", BOOLEAN),
    ({"is_active": []}, "is_active", BOOLEAN),
]

SETTINGS_MISTAKES = [
    ({"hero_image": "javascript:alert(1)"}, "hero_image"),
    ({"logo": "undefined"}, "logo"),
    ({"tagline": 7}, "tagline"),
    ({"contact_email": "nobody"}, "contact_email"),
    ({"website": "killarney"}, "website"),
    ({"amenities": "Sauna"}, "amenities"),
    ({"amenities": ["Sauna", 7, 8]}, "amenities"),
    ({"amenities": [""]}, "amenities"),
    ({"theme": None}, "theme"),
    ({"theme": "DARK"}, "theme"),
    ({"theme": {"mode": "SEPIA"}}, "theme.mode"),
    ({"theme": {"mode": 7}}, "theme.mode"),
    ({"theme": {"primary_color": "red"}}, "theme.primary_color"),
    ({"theme": {"primary_color": None}}, "theme.primary_color"),
    ({"wifi_password": "w" * 201}, "wifi_password"),
]


async def refused(frontend: Frontend, method: str, path: str, **body: Any) -> dict[str, Any]:
    """Send a request that must be refused with 400; returns what it is answered with."""
    reply = await frontend.send(method, path, **body)
    assert reply.status == 400, (reply, body)
    content: dict[str, Any] = reply.content
    return content


async def test_no_offer_is_made_or_changed_by_mistake(frontend: Frontend, sqlite_database: Database) -> None:
    offer = (await frontend.ok("GET", OFFERS))[0]
    before = everything(sqlite_database)
    for fields, field, sentence in OFFER_MISTAKES:
        said = sentence or "The last day must not be before the first."
        for method, path, others in (
            ("POST", OFFERS, NEW),
            ("PATCH", f"{OFFERS}{offer['id']}/", {}),
            ("PUT", f"{OFFERS}{offer['id']}/", NEW),
        ):
            content = await refused(frontend, method, path, json=others | fields)
            assert content == {"error": said, field: [said]}, (method, fields)
    assert everything(sqlite_database) == before


async def test_mistakes_in_a_form_are_the_same(frontend: Frontend, sqlite_database: Database) -> None:
    before = everything(sqlite_database)
    for fields, field, sentence in OFFER_MISTAKES:
        texts = {name: text for name, text in (NEW | fields).items() if isinstance(text, str)}
        if texts.keys() >= fields.keys():
            said = sentence or "The last day must not be before the first."
            content = await refused(frontend, "POST", OFFERS, data=form(*texts.items()))
            assert content == {"error": said, field: [said]}, fields
    assert everything(sqlite_database) == before


async def test_every_field_that_cannot_be_read_is_named(frontend: Frontend) -> None:
    assert await refused(frontend, "POST", OFFERS, json={"valid_to": "x", "is_active": "x"}) == {
        "error": DAY,
        "valid_to": [DAY],
        "is_active": [BOOLEAN],
        "title": [REQUIRED],
        "short_description": [REQUIRED],
    }
    assert await refused(frontend, "POST", OFFERS) == {
        "error": REQUIRED,
        "title": [REQUIRED],
        "short_description": [REQUIRED],
    }
    assert await refused(frontend, "PATCH", SETTINGS, json={"amenities": [1, 2, 3]}) == {
        "error": TEXT,
        "amenities": [TEXT],
    }


async def test_no_setting_is_changed_by_mistake(frontend: Frontend, sqlite_database: Database) -> None:
    before = everything(sqlite_database)
    for fields, field in SETTINGS_MISTAKES:
        for method in ("PATCH", "PUT"):
            content = await refused(frontend, method, SETTINGS, json={"welcome_message": "Hello", **fields})
            assert content == {"error": content["error"], field: [content["error"]]}, fields
    assert await refused(frontend, "PATCH", SETTINGS, data=form(("theme", "DARK"))) == {
        "error": OBJECT,
        "theme": [OBJECT],
    }
    assert everything(sqlite_database) == before


async def test_the_gallery_is_not_disturbed_by_mistake(frontend: Frontend, sqlite_database: Database) -> None:
    urls = (await frontend.ok("GET", SETTINGS))["gallery"]
    before = everything(sqlite_database)
    exactly = "Send every url of the gallery exactly once, and no other."
    for gallery, said in (
        (urls[:2], exactly),
        ([*urls, urls[0]], exactly),
        ([*urls[:2], "https://elsewhere.example/a.jpg"], exactly),
        ([], exactly),
        ("all", LIST),
        (None, LIST),
        ([1, 2, 3], TEXT),
    ):
        content = await refused(frontend, "POST", f"{GALLERY}/reorder/", json={"gallery": gallery})
        assert content == {"error": said, "gallery": [said]}, gallery
    for body, said in (({}, REQUIRED), ({"json": {"url": 7}}, TEXT), ({"json": {"url": None}}, TEXT)):
        content = await refused(frontend, "DELETE", f"{GALLERY}/remove/", **body)
        assert content == {"error": said, "url": [said]}
    for url in ("https://elsewhere.example/a.jpg", "", "a\0b"):
        reply = await frontend.send("DELETE", f"{GALLERY}/remove/", json={"url": url})
        assert (reply.status, reply.content) == (404, {"error": "There is no such picture in the gallery."})
    assert everything(sqlite_database) == before


STEPS: list[tuple[BookingStatus, str, dict[str, Any], int, str | None]] = [
    (BookingStatus.CONFIRMED, "confirm", {}, 409, None),
    (BookingStatus.PENDING_PAYMENT, "check-in", {}, 409, None),
    (BookingStatus.CONFIRMED, "check-out", {}, 409, None),
    (BookingStatus.CHECKED_OUT, "cancel", {}, 409, None),
    (BookingStatus.CANCELLED, "no-show", {}, 409, None),
    (BookingStatus.CHECKED_IN, "assign-room", {"room_number": "104"}, 409, None),
    (BookingStatus.PENDING_PAYMENT, "assign-room", {"room_number": "103"}, 409, None),
    (BookingStatus.CONFIRMED, "assign-room", {"room_number": "999"}, 404, None),
    (BookingStatus.CONFIRMED, "assign-room", {"room_number": "a\0"}, 404, None),
    (BookingStatus.CONFIRMED, "assign-room", {"room_number": "201"}, 400, "room_number"),
    (BookingStatus.CONFIRMED, "assign-room", {"room_number": 104}, 400, "room_number"),
    (BookingStatus.CONFIRMED, "assign-room", {}, 400, "room_number"),
    (BookingStatus.CONFIRMED, "cancel", {"reason": 7}, 400, "reason"),
    (BookingStatus.CONFIRMED, "cancel", {"reason": "r" * 501}, 400, "reason"),
]


@pytest.mark.parametrize("mistake", STEPS, ids=lambda mistake: f"{mistake[0]} {mistake[1]} {mistake[2]}")
async def test_a_booking_takes_no_step_by_mistake(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel, mistake: tuple[Any, ...]
) -> None:
    status, step, body, code, field = mistake
    if body == {"room_number": "103"}:
        _have_stay_with_the_guest_in_103(sqlite_database, killarney, status)
    reference = booking_of(sqlite_database, killarney, status).reference
    before = everything(sqlite_database)
    reply = await frontend.send("POST", f"{KILLARNEY}/bookings/{reference}/{step}/", json=body)
    assert (reply.status, set(reply.content)) == (code, {"error", field} - {None})
    assert everything(sqlite_database) == before


def _have_stay_with_the_guest_in_103(database: Database, hotel: Hotel, status: BookingStatus) -> None:
    other = booking_of(database, hotel, BookingStatus.CHECKED_IN)
    with database.transaction() as transaction:
        booking = transaction.merge(booking_of(database, hotel, status))
        booking.arrival, booking.departure = other.arrival, other.departure


async def test_who_cannot_log_in_is_told_no_more_than_that(
    frontend: Frontend, sqlite_database: Database
) -> None:
    before = everything(sqlite_database)
    for username, password in (("anna", "wrong"), ("nobody", "demo"), ("anna", ""), ("", "")):
        credentials = {"username": username, "password": password}
        reply = await frontend.send("POST", "/api/staff/login/", None, json=credentials)
        assert (reply.status, reply.content) == (401, {"error": "The user name or the password is wrong."})
    for credentials, field in (
        ({"username": "anna"}, "password"),
        ({"password": "demo"}, "username"),
        ({"username": 7, "password": "demo"}, "username"),
        ({"username": "u" * 151, "password": "demo"}, "username"),
        ({"username": "anna", "password": "p" * 1001}, "password"),
        ({"username": "a\0", "password": "demo"}, "username"),
    ):
        reply = await frontend.send("POST", "/api/staff/login/", None, json=credentials)
        assert (reply.status, set(reply.content)) == (400, {"error", field})
    after = everything(sqlite_database)
    # The four that could have been somebody's are in the audit, and nowhere else.
    assert len(after.pop("audit_entry")) == len(before.pop("audit_entry")) + 4
    assert after == before
