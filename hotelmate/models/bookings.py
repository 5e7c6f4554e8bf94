"""Bookings, and the rooms that they hold."""

import re
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime, string_enum

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
