"""The tables, with the rules that the database itself keeps.

Times are UTC and aware. Enumerations are strings with a check, so that a value can be added by a migration
on every database. A table whose rows are deleted never gives an id a second time (SQLite's AUTOINCREMENT):
clients know things by these ids.
"""

import re
import string
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hotelmate.columns import UtcDateTime, string_enum

# A restore passes over billions of ids. SQLite counts up nothing but an INTEGER, which has 64 bits there.
_EVENT_ID = BigInteger().with_variant(Integer(), "sqlite")
_SLUG_CHARACTERS = f"{string.ascii_letters}{string.digits}_-"

SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What a hotel's slug looks like: channels are named after it, and every Pusher takes these characters."""

REFERENCE = re.compile(r"BK-[0-9]{4}-[0-9]{4,24}")
"""What a booking's reference looks like; `reference_of` makes them."""


def reference_of(year: int, number: int) -> str:
    """Return the reference of the booking with this number in this year."""
    return f"BK-{year}-{number:04}"


class BookingStatus(StrEnum):
    """Where a booking stands in its life."""

    PENDING_PAYMENT = "PENDING_PAYMENT"
    CONFIRMED = "CONFIRMED"
    CHECKED_IN = "CHECKED_IN"
    CHECKED_OUT = "CHECKED_OUT"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"


class ThemeMode(StrEnum):
    """How the public page is coloured."""

    LIGHT = "LIGHT"
    DARK = "DARK"
    CUSTOM = "CUSTOM"


class AuditAction(StrEnum):
    """What somebody did, as the audit has it."""

    LOGGED_IN = "LOGGED_IN"
    LOG_IN_FAILED = "LOG_IN_FAILED"
    LOGGED_OUT = "LOGGED_OUT"
    STAFF_CREATED = "STAFF_CREATED"
    PASSWORD_SET = "PASSWORD_SET"  # noqa: S105 - what was done, and no password
    STAFF_REMOVED = "STAFF_REMOVED"
    STAFF_RESTORED = "STAFF_RESTORED"
    TOKEN_ISSUED = "TOKEN_ISSUED"  # noqa: S105 - nor a token
    GUEST_TOKEN_RENEWED = "GUEST_TOKEN_RENEWED"  # noqa: S105 - nor a token
    BOOKING_CREATED = "BOOKING_CREATED"
    BOOKING_CONFIRMED = "BOOKING_CONFIRMED"
    BOOKING_ROOM_ASSIGNED = "BOOKING_ROOM_ASSIGNED"
    BOOKING_CHECKED_IN = "BOOKING_CHECKED_IN"
    BOOKING_CHECKED_OUT = "BOOKING_CHECKED_OUT"
    BOOKING_CANCELLED = "BOOKING_CANCELLED"
    BOOKING_NO_SHOW = "BOOKING_NO_SHOW"
    SETTINGS_UPDATED = "SETTINGS_UPDATED"
    GALLERY_IMAGE_ADDED = "GALLERY_IMAGE_ADDED"
    GALLERY_REORDERED = "GALLERY_REORDERED"
    GALLERY_IMAGE_REMOVED = "GALLERY_IMAGE_REMOVED"
    OFFER_CREATED = "OFFER_CREATED"
    OFFER_UPDATED = "OFFER_UPDATED"
    OFFER_IMAGE_UPDATED = "OFFER_IMAGE_UPDATED"
    OFFER_DELETED = "OFFER_DELETED"
    ROOM_TYPE_IMAGE_UPDATED = "ROOM_TYPE_IMAGE_UPDATED"


class AuditActor(StrEnum):
    """What kind of caller did it; the operator is whoever runs the server, at its command line."""

    STAFF = "STAFF"
    GUEST = "GUEST"
    ANONYMOUS = "ANONYMOUS"
    OPERATOR = "OPERATOR"


class Hotel(SQLModel, table=True):
    """A hotel, and the head of its event log.

    The row is small and hot: every writing transaction locks it, and `seq` moves with every event. Whatever
    changed later than `log_complete_after` has its event in the log: that is when the hotel was made, or the
    time of the last event that has been pruned.
    """

    __table_args__ = (
        # SQLite has no regular expressions. What is left when all of the characters are trimmed away is none
        # of them, and both databases can say so.
        CheckConstraint(
            f"length(slug) BETWEEN 1 AND 100 AND ltrim(slug, '{_SLUG_CHARACTERS}') = ''", name="slug"
        ),
    )

    id: int = Field(default=None, primary_key=True)
    slug: str = Field(max_length=100, unique=True)
    name: str = Field(max_length=200)
    is_active: bool = True
    sort_order: int = 0
    timezone: str = Field(default="UTC", max_length=64)
    seq: int = 0
    epoch: str = Field(max_length=16)
    log_complete_after: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=UtcDateTime)


class User(SQLModel, table=True):
    """Someone who can log in, while active. The password is an argon2 hash."""

    __tablename__ = "user_account"

    id: int = Field(default=None, primary_key=True)
    username: str = Field(max_length=150, unique=True)
    password_hash: str = Field(max_length=255)
    is_active: bool = True


class Staff(SQLModel, table=True):
    """A user's place on the staff of one hotel."""

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", unique=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    first_name: str = Field(max_length=100)
    last_name: str = Field(max_length=100)
    is_on_duty: bool = False
    last_clock_in: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_clock_out: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Shift(SQLModel, table=True):
    """From one clock-in to its clock-out; at most one is open per staff member."""

    __table_args__ = (
        CheckConstraint("clock_out IS NULL OR clock_out >= clock_in", name="ends_after_it_starts"),
        Index(
            "uq_shift_open_per_staff",
            "staff_id",
            unique=True,
            sqlite_where=text("clock_out IS NULL"),
            postgresql_where=text("clock_out IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    clock_in: datetime = Field(sa_type=UtcDateTime, index=True)
    clock_out: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """A log-in, known by the hash of its token only."""

    __tablename__ = "session"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    staff_id: int = Field(foreign_key="staff.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class HotelSettings(SQLModel, table=True):
    """The texts, images and colours of a hotel's public page, and the guests' WiFi.

    A `…_page_url` is of the same image as wide as a page, which only pictures of ours have.
    """

    __tablename__ = "hotel_settings"

    hotel_id: int = Field(foreign_key="hotel.id", primary_key=True)
    hero_image: str | None = None
    hero_image_page_url: str | None = None
    landing_page_image: str | None = None
    landing_page_image_page_url: str | None = None
    logo: str | None = None
    tagline: str = ""
    short_description: str = ""
    long_description: str = ""
    welcome_message: str = ""
    amenities: list[str] = Field(default_factory=list, sa_type=JSON)
    contact_email: str = ""
    contact_phone: str = ""
    contact_address: str = ""
    website: str = ""
    theme_mode: ThemeMode = Field(default=ThemeMode.LIGHT, sa_type=string_enum(ThemeMode, "theme_mode"))
    primary_color: str = "#1F4E5F"
    secondary_color: str = "#79A8A9"
    accent_color: str = "#F4A261"
    background_color: str = "#FFFFFF"
    text_color: str = "#1A1A1A"
    button_color: str = "#1F4E5F"
    link_color: str = "#1F6F8B"
    wifi_name: str | None = None
    wifi_password: str | None = None
    updated_at: datetime = Field(sa_type=UtcDateTime)


class GalleryImage(SQLModel, table=True):
    """A picture of a hotel's gallery; `position` counts from 0."""

    __tablename__ = "gallery_image"
    __table_args__ = (UniqueConstraint("hotel_id", "url"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    url: str
    public_id: str
    position: int = 0


class Offer(SQLModel, table=True):
    """Something that a hotel offers on its public page."""

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="validity"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    title: str
    short_description: str
    details_text: str = ""
    details_html: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    tag: str = ""
    book_now_url: str = ""
    photo_url: str | None = None
    sort_order: int = 0
    is_active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class RoomType(SQLModel, table=True):
    """A kind of room that can be booked."""

    __tablename__ = "room_type"
    __table_args__ = (
        UniqueConstraint("hotel_id", "code"),
        CheckConstraint("max_occupancy >= 1", name="max_occupancy"),
    )

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id")
    code: str = Field(max_length=50)
    name: str = Field(max_length=200)
    short_description: str = ""
    max_occupancy: int
    photo_url: str | None = None
    sort_order: int = 0


class Room(SQLModel, table=True):
    """A room with a number on its door."""

    __table_args__ = (UniqueConstraint("hotel_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id")
    room_type_id: int = Field(foreign_key="room_type.id", index=True)
    number: str = Field(max_length=20)


class Booking(SQLModel, table=True):
    """A stay that somebody booked, from request to departure.

    `guest_token_nonce` is what the guest token is signed over: a new nonce revokes the old token.
    """

    __table_args__ = (
        CheckConstraint("departure > arrival", name="departure_after_arrival"),
        CheckConstraint("adults >= 1 AND children >= 0", name="guests"),
        CheckConstraint("status <> 'CHECKED_IN' OR room_id IS NOT NULL", name="checked_in_with_a_room"),
        Index("ix_booking_hotel_id_id", "hotel_id", "id"),
        Index(
            "uq_booking_occupied_room",
            "room_id",
            unique=True,
            sqlite_where=text("status = 'CHECKED_IN'"),
            postgresql_where=text("status = 'CHECKED_IN'"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    reference: str = Field(max_length=32, unique=True)
    hotel_id: int = Field(foreign_key="hotel.id")
    room_type_id: int = Field(foreign_key="room_type.id")
    room_id: int | None = Field(default=None, foreign_key="room.id")
    status: BookingStatus = Field(
        default=BookingStatus.PENDING_PAYMENT, sa_type=string_enum(BookingStatus, "status")
    )
    guest_name: str = Field(max_length=200)
    guest_email: str = Field(max_length=254)
    guest_phone: str = ""
    arrival: date
    departure: date
    adults: int = 1
    children: int = 0
    special_requests: str = ""
    room_assigned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checked_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checked_out_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    guest_token_nonce: str = Field(max_length=32)

    @property
    def nights(self) -> int:
        """How many nights the stay has; the last is the one before the departure."""
        return (self.departure - self.arrival).days


class RoomNight(SQLModel, table=True):
    """One booking's hold on one room for one night; the primary key is what rules out a second."""

    __tablename__ = "room_night"

    room_id: int = Field(foreign_key="room.id", primary_key=True)
    night: date = Field(primary_key=True)
    booking_id: int = Field(foreign_key="booking.id", index=True)


class BookingNumber(SQLModel, table=True):
    """The last number given to a booking reference in a year, counted over all hotels."""

    __tablename__ = "booking_number"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int


class EventRecord(SQLModel, table=True):
    """A row of the event log: what happened, in full, under its hotel's next number.

    `trace_parent` is the span that it was recorded in (W3C Trace Context), where anybody traces.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("hotel_id", "seq"),
        CheckConstraint("seq >= 1", name="seq"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True, sa_type=_EVENT_ID)
    hotel_id: int = Field(foreign_key="hotel.id")
    seq: int
    type: str = Field(max_length=64)
    data: str
    occurred_at: datetime = Field(sa_type=UtcDateTime, index=True)
    trace_parent: str | None = Field(default=None, max_length=55)


class BridgeCursor(SQLModel, table=True):
    """How far a hotel's events have gone to Pusher, and which process is sending them.

    `lease_token` grows with each lease: a holder whose lease has been taken over can no longer move the row.
    """

    __tablename__ = "bridge_cursor"

    hotel_id: int = Field(foreign_key="hotel.id", primary_key=True)
    delivered_seq: int = 0
    lease_owner: str | None = Field(default=None, max_length=64)
    lease_token: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = None


class DeadLetter(SQLModel, table=True):
    """A message that Pusher refused for good; `queued_at` is set while it waits to be sent again.

    Before `next_try_at` nobody sends it: a process is at it, or a try has just failed.
    """

    __tablename__ = "dead_letter"
    __table_args__ = (UniqueConstraint("event_id", "channel"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    event_id: int = Field(foreign_key="event.id", sa_type=_EVENT_ID)
    channel: str = Field(max_length=200)
    event_name: str = Field(max_length=200)
    error: str
    failed_at: datetime = Field(sa_type=UtcDateTime)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditEntry(SQLModel, table=True):
    """Who did what, from where and when (`identity.audit`)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_hotel_id_id", "hotel_id", "id"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    hotel_id: int | None = Field(default=None, foreign_key="hotel.id")
    occurred_at: datetime = Field(sa_type=UtcDateTime, index=True)
    action: AuditAction = Field(sa_type=string_enum(AuditAction, "action"))
    actor: AuditActor = Field(sa_type=string_enum(AuditActor, "actor"))
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    subject: str | None = None
    address: str | None = Field(default=None, max_length=64)
    request_id: str | None = Field(default=None, max_length=200)


class IdempotencyRecord(SQLModel, table=True):
    """What came of the changes that were sent under a key (`idempotency`).

    `outcomes` is an object of JSON: to the place of each change in its request, its outcome.
    """

    __tablename__ = "idempotency_record"

    key_hash: str = Field(max_length=64, primary_key=True)
    fingerprint: str = Field(max_length=64)
    outcomes: str
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
