"""It is written down who did what, if and only if it was done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.identity import audit, sessions
from hotelmate.identity.actors import StaffActor
from hotelmate.identity.rates import Rates
from hotelmate.media.storage import Location
from hotelmate.models import AuditEntry, BookingStatus, Hotel
from hotelmate.resolvers.accounts import WrongCredentials, log_in, log_out
from hotelmate.resolvers.administration.staff import (
    create_staff,
    issue_token,
    remove_staff,
    restore_staff,
    set_password,
)
from hotelmate.resolvers.audit import audit_page
from hotelmate.resolvers.booking_life import WrongStatus, cancel_booking, check_in, mark_no_show
from hotelmate.resolvers.bookings import create_booking, renew_guest_token
from hotelmate.resolvers.gallery import add_gallery_image, remove_gallery_image, reorder_gallery
from hotelmate.resolvers.offers import (
    OfferDraft,
    create_offer,
    delete_offer,
    set_offer_photo,
    update_offer,
)
from hotelmate.resolvers.room_types import set_room_type_photo
from hotelmate.resolvers.settings import update_settings
from hotelmate.telemetry.origins import Origin, coming_from
from tests.resolvers.steps import AT, booked_until, change, draft, guest_of, look, refused, room_type_id

FREE = Rates({}, key="test").of_address(None)
HOUR = timedelta(hours=1)
Line = tuple[str, str, int | None, str | None]


def written(database: Database, hotel: Hotel | None) -> list[Line]:
    """The hotel's entries, or those of none: what was done, by whom, and to what."""
    with database.reading() as reading:
        of_hotel = select(AuditEntry).where(AuditEntry.hotel_id == (hotel and hotel.id))
        entries = reading.exec(of_hotel.order_by(AuditEntry.id))  # type: ignore[arg-type]
        return [(entry.action, entry.actor, entry.staff_id, entry.subject) for entry in entries]


def as_somebody(database: Database, username: str, password: str) -> Any:
    return log_in(database, username, password, allowance=FREE, lifetime=HOUR, at=AT)


def test_log_ins_are_written_down_and_those_that_fail(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    token = as_somebody(database, "anna", "demo").token
    with pytest.raises(WrongCredentials):
        as_somebody(database, "anna", "a-wrong-password")
    # People type their passwords where the name belongs.
    with pytest.raises(WrongCredentials):
        as_somebody(database, "a-password-in-the-wrong-place", "demo")
    session = look(database, sessions.find, token, at=AT)
    assert session is not None
    change(database, log_out, session)
    assert written(database, killarney) == [
        ("LOGGED_IN", "STAFF", anna.staff_id, "anna"),
        ("LOG_IN_FAILED", "ANONYMOUS", None, "anna"),
        ("LOGGED_OUT", "STAFF", anna.staff_id, None),
    ]
    assert written(database, None) == [("LOG_IN_FAILED", "ANONYMOUS", None, None)]


def test_what_the_operator_does_for_staff_is_written_down(database: Database, killarney: Hotel) -> None:
    made = {"slug": "killarney", "username": "dora", "first_name": "Dora", "last_name": "Daly"}
    change(database, create_staff, password="a-good-password", **made)
    change(database, issue_token, "dora", lifetime=HOUR, at=AT)
    change(database, set_password, "dora", "a-better-password")
    change(database, remove_staff, "dora", at=AT)
    change(database, restore_staff, "dora")
    assert written(database, killarney) == [
        ("STAFF_CREATED", "OPERATOR", None, "dora"),
        ("TOKEN_ISSUED", "OPERATOR", None, "dora"),
        ("PASSWORD_SET", "OPERATOR", None, "dora"),
        ("STAFF_REMOVED", "OPERATOR", None, "dora"),
        ("STAFF_RESTORED", "OPERATOR", None, "dora"),
    ]


def test_each_step_of_a_booking_is_written_down(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    left = booked_until(database, killarney, anna, BookingStatus.CHECKED_OUT)
    cancelled = booked_until(database, killarney, anna, BookingStatus.PENDING_PAYMENT)
    change(database, renew_guest_token, anna, cancelled)
    change(database, cancel_booking, guest_of(database, cancelled), cancelled, reason="ill", at=AT)
    absent = booked_until(database, killarney, anna, BookingStatus.NO_SHOW)
    by_anna = ("STAFF", anna.staff_id)
    assert written(database, killarney) == [
        ("BOOKING_CREATED", "ANONYMOUS", None, left),
        ("BOOKING_CONFIRMED", *by_anna, left),
        ("BOOKING_ROOM_ASSIGNED", *by_anna, left),
        ("BOOKING_CHECKED_IN", *by_anna, left),
        ("BOOKING_CHECKED_OUT", *by_anna, left),
        ("BOOKING_CREATED", "ANONYMOUS", None, cancelled),
        ("GUEST_TOKEN_RENEWED", *by_anna, cancelled),
        ("BOOKING_CANCELLED", "GUEST", None, cancelled),
        ("BOOKING_CREATED", "ANONYMOUS", None, absent),
        ("BOOKING_CONFIRMED", *by_anna, absent),
        ("BOOKING_NO_SHOW", *by_anna, absent),
    ]
    for step in (check_in, mark_no_show):
        with refused(database, WrongStatus):
            change(database, step, anna, cancelled, at=AT)


def test_who_books_is_known_to_their_own_hotel_only(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    for actor in (anna, carla):
        change(database, create_booking, "killarney", draft(database, killarney), actor=actor, at=AT)
    assert [line[1:3] for line in written(database, killarney)] == [
        ("STAFF", anna.staff_id),
        ("ANONYMOUS", None),
    ]


def test_settings_and_the_gallery_are_written_down_without_what_they_say(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    wifi = {"tagline": "By the lake", "wifi_password": "a-wifi-password"}
    change(database, update_settings, anna, wifi, at=AT)
    # Nothing changes, and so there is nothing to tell.
    change(database, update_settings, anna, wifi, at=AT)
    picture = Location(url="https://pictures.example/pool.jpg", public_id="pool", page_url=None)
    change(database, add_gallery_image, anna, picture, at=AT)
    names = ("garden", "lobby", "pool", "restaurant")
    order = [f"https://pictures.example/{'killarney/' * (name != 'pool')}{name}.jpg" for name in names]
    change(database, reorder_gallery, anna, order, at=AT)
    change(database, remove_gallery_image, anna, picture.url, at=AT)
    assert written(database, killarney) == [
        ("SETTINGS_UPDATED", "STAFF", anna.staff_id, "tagline, wifi_password"),
        ("GALLERY_IMAGE_ADDED", "STAFF", anna.staff_id, "https://pictures.example/pool.jpg"),
        ("GALLERY_REORDERED", "STAFF", anna.staff_id, None),
        ("GALLERY_IMAGE_REMOVED", "STAFF", anna.staff_id, "https://pictures.example/pool.jpg"),
    ]


def test_offers_and_the_photos_of_room_types_are_written_down(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    photo = Location(url="https://pictures.example/spa.jpg", public_id="spa", page_url=None)
    offer = change(database, create_offer, anna, OfferDraft(title="Spa", short_description=""), at=AT)
    for title in ("Spa & sauna", "Spa & sauna"):
        # The second changes nothing, and so there is nothing to tell.
        change(database, update_offer, anna, offer.id, {"title": title}, at=AT)
    change(database, set_offer_photo, anna, offer.id, photo, at=AT)
    change(database, delete_offer, anna, offer.id, at=AT)
    change(database, set_room_type_photo, anna, room_type_id(database, killarney), photo, at=AT)
    renamed = f"{offer.id} Spa & sauna"
    assert written(database, killarney) == [
        ("OFFER_CREATED", "STAFF", anna.staff_id, f"{offer.id} Spa"),
        ("OFFER_UPDATED", "STAFF", anna.staff_id, renamed),
        ("OFFER_IMAGE_UPDATED", "STAFF", anna.staff_id, renamed),
        ("OFFER_DELETED", "STAFF", anna.staff_id, renamed),
        ("ROOM_TYPE_IMAGE_UPDATED", "STAFF", anna.staff_id, "standard"),
    ]


def test_an_entry_says_from_where_and_when(database: Database, carla: StaffActor) -> None:
    before = datetime.now(UTC)
    with coming_from(Origin("edge-1", "192.0.2.7")):
        change(database, update_settings, carla, {"tagline": "On the Liffey"}, at=AT)
    [entry] = look(database, audit_page, carla, first=10, after=None).rows
    assert (entry.request_id, entry.address) == ("edge-1", "192.0.2.7")
    assert before <= entry.occurred_at <= datetime.now(UTC)


async def test_entries_are_kept_for_as_long_as_is_set(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    for tagline in ("old", "new"):
        change(database, update_settings, anna, {"tagline": tagline}, at=AT)
    with database.transaction() as transaction:
        oldest = transaction.get_one(AuditEntry, 1)
        oldest.occurred_at -= timedelta(days=30, seconds=1)
        transaction.add(oldest)
    await audit.prune(database, keep=timedelta(days=30))
    with database.reading() as reading:
        assert [entry.id for entry in reading.exec(select(AuditEntry))] == [2]
