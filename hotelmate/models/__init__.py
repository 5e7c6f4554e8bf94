"""The tables, with the rules that the database itself keeps.

Times are UTC and aware. Enumerations are strings with a check, so that a value can be added by a migration
on every database. A table whose rows are deleted never gives an id a second time (SQLite's AUTOINCREMENT):
clients know things by these ids.
"""

from hotelmate.models.audit import AuditAction, AuditActor, AuditEntry
from hotelmate.models.bookings import (
    REFERENCE,
    Booking,
    BookingNumber,
    BookingStatus,
    RoomNight,
    reference_of,
)
from hotelmate.models.delivery import BridgeCursor, DeadLetter
from hotelmate.models.events import EventRecord
from hotelmate.models.hotels import SLUG, Hotel
from hotelmate.models.idempotency import IdempotencyRecord
from hotelmate.models.public_page import GalleryImage, HotelSettings, Offer, ThemeMode
from hotelmate.models.rooms import Room, RoomType
from hotelmate.models.staff import LoginSession, Shift, Staff, User

__all__ = [
    "REFERENCE",
    "SLUG",
    "AuditAction",
    "AuditActor",
    "AuditEntry",
    "Booking",
    "BookingNumber",
    "BookingStatus",
    "BridgeCursor",
    "DeadLetter",
    "EventRecord",
    "GalleryImage",
    "Hotel",
    "HotelSettings",
    "IdempotencyRecord",
    "LoginSession",
    "Offer",
    "Room",
    "RoomNight",
    "RoomType",
    "Shift",
    "Staff",
    "ThemeMode",
    "User",
    "reference_of",
]
