"""What is answered, in the words of the legacy interface."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import event
from sqlmodel import select

from hotelmate.bridge.payloads import name_and_payload
from hotelmate.database import Database
from hotelmate.events import log
from hotelmate.events.cursor import Cursor
from hotelmate.models import BookingStatus, Hotel, HotelSettings, RoomType
from tests.rest.conftest import booking_of
from tests.rest.frontend import ANNA, CARLA, KILLARNEY, Frontend

PICTURES = "https://pictures.example/killarney"
THEME = {
    "mode": "LIGHT",
    "primary_color": "#1F4E5F",
    "secondary_color": "#79A8A9",
    "accent_color": "#F4A261",
    "background_color": "#FFFFFF",
    "text_color": "#1A1A1A",
    "button_color": "#1F4E5F",
    "link_color": "#1F6F8B",
}
GALLERY = [f"{PICTURES}/lobby.jpg", f"{PICTURES}/garden.jpg", f"{PICTURES}/restaurant.jpg"]
PUBLIC_SETTINGS = {
    "hero_image": f"{PICTURES}/hero.jpg",
    "hero_image_display": f"{PICTURES}/hero.jpg",
    "landing_page_image": None,
    "logo": None,
    "tagline": "Between the lakes and the mountains",
    "short_description": "Hotel Killarney is a family-run hotel.",
    "long_description": "Hotel Killarney has been looking after its guests for three generations.",
    "welcome_message": "Céad míle fáilte!",
    "amenities": ["Free WiFi", "Breakfast", "Parking"],
    "contact_email": "hello@killarney.example",
    "contact_phone": "+353 1 555 0100",
    "contact_address": "Muckross Road, Killarney, Co. Kerry",
    "website": "https://killarney.example",
    "theme": THEME,
}


def is_a_time_in_utc(text: str) -> bool:
    return datetime.fromisoformat(text).utcoffset() == timedelta(0) and text.endswith("+00:00")


async def test_a_session_lasts_as_long_as_set(frontend: Frontend) -> None:
    before = datetime.now(UTC)
    reply = await frontend.ok(
        "POST", "/api/staff/login/", None, json={"username": "carla", "password": "demo"}
    )
    expires_at = datetime.fromisoformat(reply["expires_at"])
    assert before < expires_at - timedelta(hours=2) < datetime.now(UTC)
    assert is_a_time_in_utc(reply["expires_at"])
    assert (await frontend.ok("POST", "/api/staff/dublin/clock/", f"Token {reply['token']}"))["is_on_duty"]


async def test_the_clock_goes_on_and_off(frontend: Frontend) -> None:
    for is_on_duty in (True, False, True):
        reply = await frontend.ok("POST", "/api/staff/killarney/clock/")
        assert is_a_time_in_utc(reply.pop("clock_time"))
        assert reply == {"success": True, "is_on_duty": is_on_duty}


async def test_an_offer_is_answered_as_its_event_tells_it(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel
) -> None:
    offer = await frontend.ok(
        "POST",
        f"{KILLARNEY}/offers/",
        json={"title": "Oysters", "short_description": "", "valid_to": "2026-08-31"},
    )
    with sqlite_database.reading() as reading:
        [created] = log.read(reading, killarney.id, after=0, limit=10)
    told = name_and_payload(created)
    assert told == ("offer-created", {"offer": offer, "action": "created"})
    assert isinstance(offer.pop("id"), int)
    assert is_a_time_in_utc(offer.pop("created_at"))
    assert offer == {
        "title": "Oysters",
        "short_description": "",
        "details_text": "",
        "details_html": "",
        "valid_from": None,
        "valid_to": "2026-08-31",
        "tag": "",
        "book_now_url": "",
        "photo": None,
        "photo_url": None,
        "sort_order": 0,
        "is_active": True,
    }


async def test_staff_see_every_offer_in_its_order_and_the_public_the_active(frontend: Frontend) -> None:
    offers = await frontend.ok("GET", f"{KILLARNEY}/offers/")
    assert [offer["title"] for offer in offers] == [
        "Two nights, one dinner",
        "Families welcome",
        "Midweek escape",
    ]
    first = f"{KILLARNEY}/offers/{offers[0]['id']}/"
    hidden = await frontend.ok("PATCH", first, json={"is_active": False, "sort_order": 9})
    assert await frontend.ok("GET", first) == hidden
    assert await frontend.ok("GET", f"{KILLARNEY}/offers/") == [offers[1], offers[2], hidden]
    page = await frontend.ok("GET", "/api/public/hotel/killarney/", None)
    assert page["offers"] == [offers[1], offers[2]]


async def test_a_deleted_offer_is_gone(frontend: Frontend) -> None:
    offers = await frontend.ok("GET", f"{KILLARNEY}/offers/")
    one = f"{KILLARNEY}/offers/{offers[1]['id']}/"
    assert (await frontend.send("DELETE", one)).status == 204
    assert (await frontend.send("GET", one)).status == 404
    assert await frontend.ok("GET", f"{KILLARNEY}/offers/") == [offers[0], offers[2]]


async def test_the_settings_are_told_but_for_the_wifi(frontend: Frontend) -> None:
    settings = await frontend.ok("GET", f"{KILLARNEY}/settings/")
    assert is_a_time_in_utc(settings.pop("updated_at"))
    assert settings == {**PUBLIC_SETTINGS, "gallery": GALLERY}


async def test_changed_settings_are_answered_whole(frontend: Frontend, sqlite_database: Database) -> None:
    changed = await frontend.ok(
        "PATCH",
        f"{KILLARNEY}/settings/",
        json={
            "hero_image": None,
            "landing_page_image": "https://pictures.example/a.jpg",
            "wifi_name": "Lake",
        },
    )
    before = {**PUBLIC_SETTINGS, "gallery": GALLERY}
    assert is_a_time_in_utc(changed.pop("updated_at"))
    assert changed == {
        **before,
        "hero_image": None,
        "hero_image_display": "https://pictures.example/a.jpg",
        "landing_page_image": "https://pictures.example/a.jpg",
    }
    with sqlite_database.reading() as reading:
        names = reading.exec(select(HotelSettings.wifi_name).order_by(HotelSettings.hotel_id)).all()
    assert names == ["Lake", "Hotel Dublin Guests"]


async def test_the_gallery_is_answered_as_it_then_is(frontend: Frontend) -> None:
    turned = GALLERY[::-1]
    assert await frontend.ok("POST", f"{KILLARNEY}/gallery/reorder/", json={"gallery": turned}) == {
        "message": "Gallery reordered successfully",
        "gallery": turned,
    }
    assert await frontend.ok("DELETE", f"{KILLARNEY}/gallery/remove/", json={"url": turned[1]}) == {
        "message": "Image removed successfully",
        "gallery": [turned[0], turned[2]],
    }
    assert (await frontend.ok("GET", f"{KILLARNEY}/settings/"))["gallery"] == [turned[0], turned[2]]


async def test_the_room_types_stand_in_their_order(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel
) -> None:
    with sqlite_database.reading() as reading:
        of_hotel = select(RoomType.id).where(RoomType.hotel_id == killarney.id, RoomType.code == "family")
        family = reading.exec(of_hotel).one()
    room_types = await frontend.ok("GET", f"{KILLARNEY}/room-types/")
    assert [room_type["code"] for room_type in room_types] == ["standard", "family", "suite"]
    assert room_types[1] == {
        "id": family,
        "code": "family",
        "name": "Family Room",
        "short_description": "A double and two single beds.",
        "max_occupancy": 4,
        "photo_url": None,
        "sort_order": 1,
    }


async def test_staff_see_all_bookings_newest_first(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel
) -> None:
    bookings = await frontend.ok("GET", f"{KILLARNEY}/bookings/")
    assert [booking["guest_name"] for booking in bookings] == [
        "Fionn MacCool",
        "Molly Malone",
        "Oscar Wilde",
        "Maeve Connacht",
        "Brian Boru",
        "Grace O'Malley",
    ]
    checked_in = booking_of(sqlite_database, killarney, BookingStatus.CHECKED_IN)
    status_page = f"/api/public/hotel/killarney/room-bookings/{checked_in.reference}/"
    assert bookings[3] == await frontend.ok("GET", status_page, ANNA)


async def test_a_list_of_bookings_takes_no_statement_for_each(
    frontend: Frontend, sqlite_database: Database
) -> None:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        sent.append(statement)

    for engine in sqlite_database.engines:
        event.listen(engine, "before_cursor_execute", note)
    await frontend.ok("GET", f"{KILLARNEY}/bookings/")
    # The caller and their hotel; the bookings, and the hotel, settings, room types and rooms of them all.
    assert sum(statement.startswith("SELECT") for statement in sent) == 7


async def test_each_step_answers_with_the_booking(
    frontend: Frontend, sqlite_database: Database, killarney: Hotel
) -> None:
    reference = booking_of(sqlite_database, killarney, BookingStatus.PENDING_PAYMENT).reference
    booking = f"{KILLARNEY}/bookings/{reference}"
    confirmed = await frontend.ok("POST", f"{booking}/confirm/")
    assert (confirmed["id"], confirmed["status"], confirmed["room"]) == (reference, "CONFIRMED", None)
    assigned = await frontend.ok("POST", f"{booking}/assign-room/", json={"room_number": "104"})
    assert assigned["room"]["number"] == "104"
    assert is_a_time_in_utc(assigned["room_assigned_at"])
    arrived = await frontend.ok("POST", f"{booking}/check-in/")
    assert arrived["status"] == "CHECKED_IN"
    assert is_a_time_in_utc(arrived["checked_in_at"])
    left = await frontend.ok("POST", f"{booking}/check-out/")
    assert left["status"] == "CHECKED_OUT"
    assert left == {**arrived, **{name: left[name] for name in ("status", "checked_out_at", "cursor")}}
    listed = await frontend.ok("GET", f"{KILLARNEY}/bookings/")
    assert left in listed


async def test_the_public_page_shows_all_that_it_has(frontend: Frontend, killarney: Hotel) -> None:
    page = await frontend.ok("GET", "/api/public/hotel/killarney/", None)
    assert is_a_time_in_utc(page["settings"].pop("updated_at"))
    assert page.pop("settings") == PUBLIC_SETTINGS
    assert page.pop("offers") == await frontend.ok("GET", f"{KILLARNEY}/offers/")
    assert page.pop("room_types") == await frontend.ok("GET", f"{KILLARNEY}/room-types/")
    assert page == {
        "hotel": {"id": killarney.id, "slug": "killarney", "name": "Hotel Killarney"},
        "gallery": GALLERY,
        "cursor": str(Cursor(killarney.epoch, 0)),
    }


async def test_a_hotel_that_there_is_not_has_no_page(frontend: Frontend) -> None:
    for slug in ("nowhere", "%00", "🏨", "KILLARNEY"):
        reply = await frontend.send("GET", f"/api/public/hotel/{slug}/", None)
        assert (reply.status, reply.content) == (404, {"error": "There is no such hotel."})


async def test_hotels_do_not_mix(frontend: Frontend) -> None:
    dublin = "/api/staff/hotel/dublin"
    for path in ("offers", "room-types", "bookings"):
        ours = {row["id"] for row in await frontend.ok("GET", f"{KILLARNEY}/{path}/")}
        theirs = {row["id"] for row in await frontend.ok("GET", f"{dublin}/{path}/", CARLA)}
        assert ours.isdisjoint(theirs)
