"""A sound database has no hole; whatever is taken away, changed or forgotten is one, and is named."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import text

from hotelmate.database import Database, Reading
from hotelmate.events import log
from hotelmate.media.storage import Location
from hotelmate.models import BookingStatus, BridgeCursor, Hotel
from hotelmate.resolvers.booking_life import assign_room, cancel_booking
from hotelmate.resolvers.bookings import renew_guest_token
from hotelmate.resolvers.clocking import clock_in, clock_out
from hotelmate.resolvers.gallery import add_gallery_image, remove_gallery_image, reorder_gallery
from hotelmate.resolvers.offers import OfferDraft, create_offer, delete_offer, set_offer_photo, update_offer
from hotelmate.resolvers.room_types import set_room_type_photo
from hotelmate.resolvers.settings import update_settings
from hotelmate.verification.findings import Hole, HotelFindings
from hotelmate.verification.verify import verify
from tests.bridge.helpers import LEGACY
from tests.resolvers.steps import AT, actor, book, booked_until, change, room_id, room_type_id

MINUTE = timedelta(minutes=1)
LATER = AT + 10 * MINUTE
DELIVERED = 30

GALLERY = [f"https://pictures.example/killarney/{name}.jpg" for name in ("lobby", "garden", "restaurant")]
POOL = Location("https://pictures.example/pool.jpg", "pool")


@pytest.fixture
def busy(database: Database, killarney: Hotel) -> Database:
    """A hotel where everything that makes an event has happened."""
    anna, ben = actor(database, "demo-anna"), actor(database, "demo-ben")
    for hours in range(3):
        at = AT + timedelta(hours=hours)
        change(database, clock_in, anna, at=at)
        change(database, clock_out, anna, at=at + 5 * MINUTE)
    change(database, clock_in, ben, at=AT)

    kept = change(database, create_offer, anna, OfferDraft(title="Kept", short_description="k"), at=AT).id
    gone = change(database, create_offer, anna, OfferDraft(title="Gone", short_description="g"), at=AT).id
    change(database, update_offer, anna, kept, {"title": "Kept and changed", "is_active": False}, at=LATER)
    change(database, set_offer_photo, anna, kept, POOL, at=LATER)
    change(database, update_offer, anna, 1, {"title": "A demo offer"}, at=LATER)
    change(database, delete_offer, anna, gone, at=LATER)
    change(database, delete_offer, anna, 2, at=LATER)

    change(database, add_gallery_image, anna, POOL, at=AT)
    change(database, reorder_gallery, anna, [POOL.url, *GALLERY], at=AT)
    change(database, update_settings, anna, {"tagline": "New", "wifi_name": "Guests"}, at=AT)
    change(database, remove_gallery_image, anna, GALLERY[0], at=LATER)
    change(database, add_gallery_image, anna, Location("https://pictures.example/spa.jpg", "spa"), at=LATER)
    standard = room_type_id(database, killarney)
    change(database, set_room_type_photo, anna, standard, "https://pictures.example/standard.jpg", at=AT)

    for number, status in enumerate(BookingStatus):
        booked_until(database, killarney, anna, status, room=("101", "104")[number % 2])
    moved = book(database, killarney)
    change(database, assign_room, anna, moved, room_id(database, killarney, "103"), at=AT)
    change(database, assign_room, anna, moved, room_id(database, killarney, "102"), at=LATER)
    change(database, renew_guest_token, anna, moved)
    change(database, cancel_booking, anna, moved, reason="Rain", at=LATER)
    with database.transaction() as transaction:
        transaction.add(BridgeCursor(hotel_id=killarney.id, delivered_seq=DELIVERED))
    return database


def findings(reading: Reading) -> tuple[list[Hole], list[HotelFindings]]:
    found = list(verify(reading, LEGACY, progress=lambda _done, _total: None))
    return (
        [finding for finding in found if isinstance(finding, Hole)],
        [finding for finding in found if isinstance(finding, HotelFindings)],
    )


def test_a_sound_database_has_no_hole(busy: Database, killarney: Hotel) -> None:
    with busy.reading() as reading:
        seq = reading.get_one(Hotel, killarney.id).seq
        holes, [dublin, found] = findings(reading)
    assert holes == []
    assert (dublin.hotel, dublin.events, dublin.last_seq) == ("dublin", 0, 0)
    assert seq > 40
    assert asdict(found) == {
        "hotel": "killarney",
        "first_seq": 1,
        "last_seq": seq,
        "events": seq,
        "delivered": DELIVERED,
        "pending": seq - DELIVERED,
        "dead_letters": 0,
        "holes": 0,
    }


def test_what_was_pruned_is_no_hole(busy: Database, killarney: Hotel) -> None:
    with busy.transaction() as transaction:
        cursor = transaction.get_one(BridgeCursor, killarney.id)
        cursor.delivered_seq = seq = transaction.get_one(Hotel, killarney.id).seq
        transaction.add(cursor)
    with busy.transaction() as transaction:
        log.prune(transaction, transaction.get_one(Hotel, killarney.id), before=AT + MINUTE)
    with busy.reading() as reading:
        holes, [_, found] = findings(reading)
    assert holes == []
    assert 1 < found.first_seq < seq
    with busy.transaction() as transaction:
        log.prune(transaction, transaction.get_one(Hotel, killarney.id), before=AT + timedelta(days=1))
    with busy.reading() as reading:
        holes, [_, found] = findings(reading)
    assert (holes, found.events, found.first_seq) == ([], 0, seq + 1)


BOOKING = "(SELECT id FROM booking WHERE status = 'CHECKED_IN' AND created_at > '2040-01-01')"
SOMEBODY = f"(SELECT reference FROM booking WHERE id = {BOOKING})"

# What is done behind HotelMate's back, and what has to be said about it.
BREAKS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "an event is removed": (
        "DELETE FROM event WHERE hotel_id = 1 AND seq = 3",
        [("event_missing", "event 3 is missing"), ("change_unrecorded", "clock_in at")],
    ),
    "several are removed": (
        "DELETE FROM event WHERE hotel_id = 1 AND seq BETWEEN 3 AND 4",
        [
            ("event_missing", "events 3 to 4 are missing"),
            ("change_unrecorded", "clock_in at"),
            ("change_unrecorded", "clock_out at"),
        ],
    ),
    "the beginning is removed although Pusher was not told": (
        "UPDATE bridge_cursor SET delivered_seq = 4; DELETE FROM event WHERE hotel_id = 1 AND seq <= 6;"
        "UPDATE hotel SET log_complete_after = '2041-01-01' WHERE id = 1",
        [("event_missing", "events 5 to 6 are removed before Pusher had been told")],
    ),
    "the count is ahead of the log": (
        "UPDATE hotel SET seq = seq + 2 WHERE id = 1",
        [("event_missing", "are missing")],
    ),
    "the count is behind the log": (
        "UPDATE hotel SET seq = 40 WHERE id = 1",
        [("event_out_of_place", "the hotel counts 40")],
    ),
    "the bridge is ahead of the log": (
        "UPDATE bridge_cursor SET delivered_seq = 1000",
        [("delivery_impossible", "the bridge stands at event 1000")],
    ),
    "an event says nothing that can be read": (
        "UPDATE event SET data = 'lost' WHERE hotel_id = 1 AND seq = 15",
        [("event_unreadable", "event 15 cannot be read as GalleryImageUploaded")],
    ),
    "an event is of an unknown kind": (
        "UPDATE event SET type = 'OfferSold' WHERE hotel_id = 1 AND seq = 15",
        [("event_unreadable", "event 15 cannot be read as OfferSold")],
    ),
    "an id is lower than the one before": (
        "UPDATE event SET id = -1 WHERE hotel_id = 1 AND seq = 9",
        [("event_out_of_place", "event 9 has the id -1, and the one before it")],
    ),
    "a shift has no event": (
        "INSERT INTO shift (staff_id, clock_in, clock_out)"
        " VALUES (1, '2040-06-16 08:00:00', '2040-06-16 09:00:00')",
        [
            ("change_unrecorded", "clock_in at 2040-06-16T08"),
            ("change_unrecorded", "clock_out at 2040-06-16T09"),
        ],
    ),
    "a shift is gone": (
        "DELETE FROM shift WHERE staff_id = 1 AND clock_in < '2040-06-15 10:00:00'",
        [
            ("state_differs", "clock_in at 2040-06-15T09:30:00+00:00 by staff 1 of event 1 is in no shift"),
            ("state_differs", "clock_out at 2040-06-15T09:35:00+00:00 by staff 1 of event 2 is in no shift"),
        ],
    ),
    "somebody is off duty without having clocked out": (
        "UPDATE staff SET is_on_duty = false WHERE id = 2",
        [
            ("state_differs", "staff 2 is off duty in an open shift"),
            ("state_differs", "is_on_duty of staff 2"),
        ],
    ),
    "a last clock-in is another": (
        "UPDATE staff SET last_clock_in = '2040-06-16 08:00:00' WHERE id = 1",
        [("state_differs", "last_clock_in of staff 1 is not what events up to 6 say")],
    ),
    "an offer has no event": (
        "INSERT INTO offer (hotel_id, title, short_description, details_text, details_html, tag,"
        " book_now_url, sort_order, is_active, created_at)"
        " VALUES (1, 'x', '', '', '', '', '', 0, true, '2040-06-16 08:00:00')",
        [("change_unrecorded", "has no OfferCreated")],
    ),
    "an offer is changed": (
        "UPDATE offer SET title = 'Sold', tag = 'x' WHERE title = 'Kept and changed'",
        [("state_differs", "left it: title, tag")],
    ),
    "an offer has another photo": (
        "UPDATE offer SET photo_url = NULL WHERE title = 'Kept and changed'",
        [("state_differs", "left it: photo_url")],
    ),
    "an offer is gone": (
        "DELETE FROM offer WHERE title = 'Kept and changed'",
        [("change_unrecorded", "is gone without an OfferDeleted")],
    ),
    "an offer was hidden and shown between two events": (
        "UPDATE event SET data = replace(data, '\"was_active\":true', '\"was_active\":false')"
        " WHERE type = 'OfferUpdated' AND data LIKE '%Kept and changed%'",
        [("change_unrecorded", "was shown or hidden before event")],
    ),
    "a deleted offer is back": (
        "INSERT INTO offer (id, hotel_id, title, short_description, details_text, details_html, tag,"
        " book_now_url, sort_order, is_active, created_at)"
        " VALUES (2, 1, 'x', '', '', '', '', '', 0, true, '2020-01-01')",
        [("state_differs", "offer 2 is there, and event")],
    ),
    "the settings are changed": (
        "UPDATE hotel_settings SET tagline = 'Sold' WHERE hotel_id = 1",
        [("state_differs", "the settings are not as the last event says: tagline")],
    ),
    "the settings are changed at another time": (
        "UPDATE hotel_settings SET updated_at = '2040-06-16 08:00:00'",
        [
            ("change_unrecorded", "the settings were changed without an event"),
            ("state_differs", "the settings were changed at another time"),
        ],
    ),
    "the gallery has another order": (
        "UPDATE gallery_image SET position = 9 WHERE hotel_id = 1 AND position = 0",
        [("state_differs", "the gallery is not as the last events say")],
    ),
    "a room type has another photo": (
        "UPDATE room_type SET photo_url = 'https://else.example/x.jpg' WHERE id = 1",
        [("state_differs", "the photo of room type 1 is not the one")],
    ),
    "a booking moves on silently": (
        f"UPDATE booking SET status = 'CHECKED_OUT' WHERE id = {BOOKING}",
        [("state_differs", "is CHECKED_OUT, and event")],
    ),
    "a booking has another time": (
        f"UPDATE booking SET checked_in_at = '2040-06-16 08:00:00' WHERE id = {BOOKING}",
        [("state_differs", "checked_in_at of booking")],
    ),
    "a booking has another room": (
        f"UPDATE booking SET room_id = 8 WHERE id = {BOOKING}",
        [("state_differs", "has room 301, and its events say")],
    ),
    "a booking has no event": (
        f"UPDATE event SET type = 'GalleryReordered', data = '{{\"gallery\": []}}'"
        f" WHERE type LIKE 'Booking%' AND data LIKE '%' || {SOMEBODY} || '%'",
        [
            ("state_differs", "the gallery"),
            ("change_unrecorded", "created_at of booking"),
            ("change_unrecorded", "room_assigned_at of booking"),
            ("change_unrecorded", "checked_in_at of booking"),
        ],
    ),
    "a step of a booking has no event": (
        "UPDATE event SET type = 'BookingCreated', data = replace(data, 'CONFIRMED', 'PENDING_PAYMENT')"
        " WHERE type = 'BookingStatusChanged' AND data LIKE '%\"CONFIRMED\"%PENDING%'"
        f" AND data LIKE '%' || {SOMEBODY} || '%'",
        [("change_unrecorded", "was PENDING_PAYMENT, and event")],
    ),
    "an event is about a booking that is not there": (
        f"UPDATE event SET data = replace(data, {SOMEBODY}, 'BK-1999-0001') WHERE type = 'BookingCheckedIn'",
        [
            ("state_differs", "is about booking BK-1999-0001"),
            ("change_unrecorded", "checked_in_at of booking"),
        ],
    ),
}


def test_every_hole_is_named(busy: Database, subtests: pytest.Subtests) -> None:
    for title, (statements, expected) in BREAKS.items():
        with subtests.test(title):
            holes = holes_after(busy, statements)
            assert len(holes) == len(expected), holes
            for kind, words in expected:
                assert any(hole.kind == kind and words in hole.says for hole in holes), (words, holes)


def holes_after(database: Database, statements: str) -> list[Hole]:
    """Break something, look, and put it back."""

    class PutBack(Exception):
        pass

    holes: list[Hole] = []
    with pytest.raises(PutBack), database.transaction() as transaction:
        for statement in statements.split(";"):
            transaction.execute(text(statement.replace('":', r'"\:')))
        holes, _ = findings(transaction)
        raise PutBack
    return holes
