"""Bookings: reading them."""

from datetime import date, datetime
from typing import Self

import strawberry

from hotelmate import models
from hotelmate.resolvers import bookings as operations
from hotelmate.resolvers.hotels import cursor_of
from hotelmate.resolvers.settings import guests_wifi
from hotelmate.schema.enums import BookingStatus
from hotelmate.schema.fields import Info, field
from hotelmate.schema.hotels import Hotel
from hotelmate.schema.paging import Connection, connection, size
from hotelmate.schema.rooms import Room, RoomType


@strawberry.type(description="How guests get on the hotel's WiFi.")
class Wifi:
    name: str
    password: str


@strawberry.type(description="A stay that somebody booked. Its id is its public reference.")
class Booking:
    row: strawberry.Private[models.Booking]
    id: strawberry.ID
    status: BookingStatus
    guest_name: str
    guest_email: str
    guest_phone: str
    arrival: date
    departure: date
    nights: int
    adults: int
    children: int
    special_requests: str
    room_assigned_at: datetime | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    cancelled_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: models.Booking) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.reference),
            status=row.status,
            guest_name=row.guest_name,
            guest_email=row.guest_email,
            guest_phone=row.guest_phone,
            arrival=row.arrival,
            departure=row.departure,
            nights=row.nights,
            adults=row.adults,
            children=row.children,
            special_requests=row.special_requests,
            room_assigned_at=row.room_assigned_at,
            checked_in_at=row.checked_in_at,
            checked_out_at=row.checked_out_at,
            cancelled_at=row.cancelled_at,
            created_at=row.created_at,
        )

    @strawberry.field
    def hotel(self, info: Info) -> Hotel:
        return Hotel.of(info.context.loaders.hotels.load(self.row.hotel_id))

    @strawberry.field
    def room_type(self, info: Info) -> RoomType:
        return RoomType.of(info.context.loaders.room_types.load(self.row.room_type_id))

    @strawberry.field
    def room(self, info: Info) -> Room | None:
        if self.row.room_id is None:
            return None
        return Room.of(info.context.loaders.rooms.load(self.row.room_id))

    @field("Null to a guest until check-in, and again after check-out.")
    def wifi(self, info: Info) -> Wifi | None:
        if not operations.shows_wifi(info.context.actor, self.row):
            return None
        found = guests_wifi(info.context.loaders.settings.load(self.row.hotel_id))
        return None if found is None else Wifi(name=found.name, password=found.password)

    @field(
        "Where the hotel's log stood when this was read: subscribe with it as `after` and nothing is missed."
    )
    def cursor(self, info: Info) -> str:
        return cursor_of(info.context.loaders.hotels.load(self.row.hotel_id))

    @field("The number of the hotel's last event by then: Pusher's events have theirs in `meta.seq`.")
    def seq(self, info: Info) -> int:
        return info.context.loaders.hotels.load(self.row.hotel_id).seq


@strawberry.type
class BookingQueries:
    @field("One booking. [guest]")
    def booking(self, info: Info, id: strawberry.ID) -> Booking | None:
        found = operations.get_booking(info.context.reading, info.context.actor, id)
        return None if found is None else Booking.of(found)

    @field("The hotel's bookings, newest first. [staff]")
    def bookings(
        self,
        info: Info,
        *,
        status: list[BookingStatus] | None = None,
        arriving_from: date | None = None,
        arriving_to: date | None = None,
        search: str | None = None,
        first: int | None = 20,
        after: str | None = None,
    ) -> Connection[Booking]:
        wanted = operations.BookingFilter(
            statuses=tuple(status or ()),
            arriving_from=arriving_from,
            arriving_to=arriving_to,
            search=search,
        )
        page = operations.booking_page(
            info.context.reading, info.context.actor, wanted, first=size(first), after=after
        )
        return connection(page, Booking.of, expect=info.context.loaders.expect_bookings)
