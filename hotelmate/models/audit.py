"""Who did what."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime, string_enum


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
