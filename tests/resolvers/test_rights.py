"""What is for staff is refused to everybody else, before anything is looked up."""

from collections.abc import Callable
from typing import Any

import pytest

from hotelmate.database import Database, Transaction
from hotelmate.errors import Forbidden, Unauthenticated
from hotelmate.identity.actors import Actor, Anonymous, GuestActor
from hotelmate.media.storage import Location
from hotelmate.models import Hotel
from hotelmate.resolvers import (
    accounts,
    booking_life,
    bookings,
    clocking,
    delivery,
    event_log,
    gallery,
    offers,
    room_types,
    rooms,
    settings,
    streams,
)
from tests.resolvers.steps import AT, change, refused

PICTURE = Location("https://pictures.example/a.jpg", "a")
PAGE: dict[str, Any] = {"first": 1, "after": None}
FOR_STAFF: dict[str, Callable[[Transaction, Actor], object]] = {
    "log_out": accounts.log_out,
    "clock_in": lambda t, a: clocking.clock_in(t, a, at=AT),
    "clock_out": lambda t, a: clocking.clock_out(t, a, at=AT),
    "toggle_clock": lambda t, a: clocking.toggle_clock(t, a, at=AT),
    "staff_page": lambda t, a: clocking.staff_page(t, a, on_duty=None, **PAGE),
    "shift_page": lambda t, a: clocking.shift_page(t, a, staff_id=None, since=None, until=None, **PAGE),
    "create_offer": lambda t, a: offers.create_offer(
        t, a, offers.OfferDraft(title="a", short_description="b"), at=AT
    ),
    "check_draft": lambda _, a: offers.check_draft(a, offers.OfferDraft(title="", short_description="")),
    "check_changes": lambda t, a: offers.check_changes(t, a, 1, {"title": ""}),
    "set_offer_photo": lambda t, a: offers.set_offer_photo(t, a, 1, PICTURE, at=AT),
    "update_offer": lambda t, a: offers.update_offer(t, a, 1, {"title": "a"}, at=AT),
    "delete_offer": lambda t, a: offers.delete_offer(t, a, 1, at=AT),
    "own_offer": lambda t, a: offers.own_offer(t, a, 1),
    "update_settings": lambda t, a: settings.update_settings(t, a, {"tagline": "a"}, at=AT),
    "check_settings": lambda _, a: settings.check_changes(a, {"website": "a"}),
    "own_room_type": lambda t, a: room_types.own_room_type(t, a, 1),
    "set_room_type_photo": lambda t, a: room_types.set_room_type_photo(t, a, 1, PICTURE, at=AT),
    "add_gallery_image": lambda t, a: gallery.add_gallery_image(t, a, PICTURE, at=AT),
    "reorder_gallery": lambda t, a: gallery.reorder_gallery(t, a, [], at=AT),
    "remove_gallery_image": lambda t, a: gallery.remove_gallery_image(t, a, "a", at=AT),
    "booking_page": lambda t, a: bookings.booking_page(t, a, bookings.BookingFilter(), **PAGE),
    "all_bookings": bookings.all_bookings,
    "confirm_booking": lambda t, a: booking_life.confirm_booking(t, a, "BK-2040-0001", at=AT),
    "assign_room": lambda t, a: booking_life.assign_room(t, a, "BK-2040-0001", 1, at=AT),
    "check_in": lambda t, a: booking_life.check_in(t, a, "BK-2040-0001", at=AT),
    "check_out": lambda t, a: booking_life.check_out(t, a, "BK-2040-0001", at=AT),
    "mark_no_show": lambda t, a: booking_life.mark_no_show(t, a, "BK-2040-0001", at=AT),
    "renew_guest_token": lambda t, a: bookings.renew_guest_token(t, a, "BK-2040-0001"),
    "rooms": lambda t, a: rooms.rooms(t, a, room_type_id=None, free_from=None, free_to=None),
    "room_numbered": lambda t, a: rooms.room_numbered(t, a, "101"),
    "events_after": lambda t, a: event_log.events_after(t, a, **PAGE),
    "delivery_state": lambda t, a: delivery.delivery_state(t, a, at=AT),
    "retry_dead_letters": lambda t, a: delivery.retry_dead_letters(t, a, at=AT),
    "clock_status": lambda t, a: streams.clock_status(t, a, staff_id=None, after=None),
    "bookings": lambda t, a: streams.bookings(t, a, after=None),
    "hotel_events": lambda t, a: streams.hotel_events(t, a, after=None),
}


@pytest.mark.parametrize("operation", FOR_STAFF)
def test_only_staff_may(sqlite_database: Database, killarney: Hotel, operation: str) -> None:
    guest = GuestActor("BK-2040-0001", killarney.id, "nonce")
    with refused(sqlite_database, Unauthenticated):
        change(sqlite_database, FOR_STAFF[operation], Anonymous())
    with refused(sqlite_database, Forbidden):
        change(sqlite_database, FOR_STAFF[operation], guest)
