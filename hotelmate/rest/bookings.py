"""Bookings, as staff of their hotel see them and take them through their life."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate import models
from hotelmate.database import Database, Reading, Transaction
from hotelmate.identity.actors import Actor, StaffActor
from hotelmate.resolvers import booking_life, hotels
from hotelmate.resolvers.booking_life import Step
from hotelmate.resolvers.bookings import all_bookings, shows_wifi
from hotelmate.resolvers.rooms import room_numbered
from hotelmate.resolvers.settings import guests_wifi
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import BookedHotel, BookedRoom, BookedRoomType, Booking, Wifi
from hotelmate.rest.bodies import Bodies, Body
from hotelmate.rest.changes import Changes
from hotelmate.rest.doors import OWN_HOTEL, Doors, Reference, Slug
from hotelmate.rest.inputs import read
from hotelmate.rest.openapi import as_json, request_body

_PATH = f"{OWN_HOTEL}/bookings/"


class Cancellation(TypedDict, total=False):
    """Why a booking is cancelled."""

    reason: str | None


class Assignment(TypedDict):
    """Which room a booking is given."""

    room_number: str


_CANCELLATION = TypeAdapter(Cancellation)
_ASSIGNMENT = TypeAdapter(Assignment)
_AS_THEY_ARE = Booking.model_fields.keys() & models.Booking.model_fields.keys() - {"id"}


class BookingDoors:
    """Shows staff the bookings of their hotel, and takes them through their life."""

    def __init__(self, database: Database, admit: Admission, bodies: Bodies, changes: Changes) -> None:
        self._database = database
        self._admit = admit
        self._bodies = bodies
        self._changes = changes

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "bookings", staff_only=True)
        doors.door("GET", _PATH, self.list_all, refuses=(401, 403))
        for name, endpoint in {
            "confirm": self.confirm,
            "check-in": self.check_in,
            "check-out": self.check_out,
            "no-show": self.no_show,
        }.items():
            doors.door("POST", f"{_PATH}{{id}}/{name}/", endpoint, refuses=(401, 403, 404, 409))
        refuses = (400, 401, 403, 404, 409, 413, 415)
        body = request_body(as_json(_CANCELLATION, {"reason": "The guest is ill."}), is_required=False)
        doors.door("POST", f"{_PATH}{{id}}/cancel/", self.cancel, takes=body, refuses=refuses)
        body = request_body(as_json(_ASSIGNMENT, {"room_number": "101"}))
        doors.door("POST", f"{_PATH}{{id}}/assign-room/", self.assign_room, takes=body, refuses=refuses)

    async def list_all(self, request: Request, slug: Slug) -> list[Booking]:
        """Return all bookings of the hotel, newest first."""
        staff = await self._admit(request, slug)

        def look(reading: Reading) -> list[Booking]:
            return booking_answers(reading, staff, all_bookings(reading, staff))

        return await self._database.read(look)

    async def confirm(self, request: Request, slug: Slug, id: Reference) -> Booking:
        """PENDING_PAYMENT to CONFIRMED."""
        staff = await self._admit(request, slug)
        return await self._take(booking_life.confirm_booking, request, staff, id)

    async def check_in(self, request: Request, slug: Slug, id: Reference) -> Booking:
        """CONFIRMED, with a room, to CHECKED_IN."""
        staff = await self._admit(request, slug)
        return await self._take(booking_life.check_in, request, staff, id)

    async def check_out(self, request: Request, slug: Slug, id: Reference) -> Booking:
        """CHECKED_IN to CHECKED_OUT."""
        staff = await self._admit(request, slug)
        return await self._take(booking_life.check_out, request, staff, id)

    async def no_show(self, request: Request, slug: Slug, id: Reference) -> Booking:
        """CONFIRMED to NO_SHOW."""
        staff = await self._admit(request, slug)
        return await self._take(booking_life.mark_no_show, request, staff, id)

    async def cancel(self, request: Request, slug: Slug, id: Reference) -> Booking:
        """PENDING_PAYMENT or CONFIRMED to CANCELLED; the reason is optional, and so is the body."""
        staff = await self._admit(request, slug)
        body = await self._bodies.read(request)
        reason = read(_CANCELLATION, body.fields).get("reason")
        cancel = partial(booking_life.cancel_booking, reason=reason)
        return await self._take(cancel, request, staff, id, body=body)

    async def assign_room(self, request: Request, slug: Slug, id: Reference) -> Booking:
        """Give the booking a free room of the booked type, in place of the one that it may have."""
        staff = await self._admit(request, slug)
        body = await self._bodies.read(request)
        number = read(_ASSIGNMENT, body.fields)["room_number"]

        def assign(transaction: Transaction, actor: Actor, reference: str, *, at: datetime) -> models.Booking:
            room = room_numbered(transaction, actor, number)
            return booking_life.assign_room(transaction, actor, reference, room.id, at=at)

        return await self._take(assign, request, staff, id, body=body)

    async def _take(
        self, step: Step, request: Request, staff: StaffActor, reference: str, *, body: Body | None = None
    ) -> Booking:
        change = await self._changes.begin(request, staff, models.Booking, body)
        taken = await change.make(partial(step, actor=staff, reference=reference, at=datetime.now(UTC)))

        def look(reading: Reading) -> Booking:
            [answer] = booking_answers(reading, staff, [taken.value], hotels_then=[taken.hotel])
            return answer

        return await self._database.read(look)


def booking_answers(
    reading: Reading,
    actor: Actor,
    bookings: Sequence[models.Booking],
    *,
    hotels_then: Sequence[models.Hotel] | None = None,
) -> list[Booking]:
    """Return what the caller is told of bookings that they may see, in as many statements as for one.

    Their hotels, and so the cursors, are as they are now, unless they are given as they were.
    """
    if hotels_then is None:
        hotels_by_id = hotels.hotels_by_id(reading, {booking.hotel_id for booking in bookings})
    else:
        hotels_by_id = {hotel.id: hotel for hotel in hotels_then}
    settings = hotels.settings_by_hotel(reading, hotels_by_id)
    room_types = hotels.room_types_by_id(reading, {booking.room_type_id for booking in bookings})
    rooms = hotels.rooms_by_id(reading, {booking.room_id for booking in bookings if booking.room_id})

    def answer(booking: models.Booking) -> Booking:
        hotel = hotels_by_id[booking.hotel_id]
        wifi = guests_wifi(settings[hotel.id]) if shows_wifi(actor, booking) else None
        return Booking(
            id=booking.reference,
            hotel=BookedHotel.model_validate(hotel),
            room_type=BookedRoomType.model_validate(room_types[booking.room_type_id]),
            room=BookedRoom.model_validate(rooms[booking.room_id]) if booking.room_id else None,
            nights=booking.nights,
            wifi=None if wifi is None else Wifi.model_validate(wifi),
            cursor=hotels.cursor_of(hotel),
            **booking.model_dump(include=_AS_THEY_ARE),
        )

    return [answer(booking) for booking in bookings]
