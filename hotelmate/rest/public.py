"""What the public may see: a hotel's page, and a guest their booking."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from hotelmate.database import Database, Reading
from hotelmate.errors import NotFound, Unauthenticated
from hotelmate.identity.actors import GuestActor
from hotelmate.resolvers import hotels
from hotelmate.resolvers.bookings import require_booking
from hotelmate.resolvers.offers import offers_by_hotel
from hotelmate.resolvers.settings import snapshot
from hotelmate.rest.answers import BookedHotel, Booking, Offer, PublicPage, PublicSettings, RoomType
from hotelmate.rest.bookings import booking_answers
from hotelmate.rest.callers import Callers
from hotelmate.rest.doors import Doors, Reference, Slug

_HOTEL = "/api/public/hotel/{slug}/"


class PublicDoors:
    """Shows hotels to everybody, and bookings to their guests."""

    def __init__(self, database: Database, callers: Callers) -> None:
        self._database = database
        self._callers = callers

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "public")
        doors.door("GET", _HOTEL, self.hotel, refuses=(404,))
        doors.door("GET", f"{_HOTEL}room-bookings/{{id}}/", self.booking, refuses=(401, 404))

    async def hotel(self, slug: Slug) -> PublicPage:
        """Return the public page of a hotel."""

        def look(reading: Reading) -> PublicPage:
            hotel = hotels.require_hotel(reading, slug)
            settings = hotels.settings_by_hotel(reading, [hotel.id])[hotel.id]
            offers = offers_by_hotel(reading, [hotel], include_inactive=False, at=datetime.now(UTC))
            return PublicPage(
                hotel=BookedHotel.model_validate(hotel),
                settings=PublicSettings(**snapshot(settings).model_dump()),
                gallery=[image.url for image in hotels.gallery_by_hotel(reading, [hotel.id])[hotel.id]],
                room_types=[
                    RoomType.model_validate(room_type)
                    for room_type in hotels.room_types_by_hotel(reading, [hotel.id])[hotel.id]
                ],
                offers=[Offer.of(offer) for offer in offers[hotel.id]],
                cursor=hotels.cursor_of(hotel),
            )

        return await self._database.read(look)

    async def booking(
        self,
        request: Request,
        slug: Slug,
        id: Reference,
        token: Annotated[str | None, Query(description="The booking's guest token.")] = None,
    ) -> Booking:
        """Return the booking to its guest, by the token in the link, or to staff of its hotel."""
        header = request.headers.get("authorization")

        def look(reading: Reading) -> Booking:
            actor = self._callers.identify(reading, header=header, guest_token=token or None)
            if isinstance(actor, GuestActor) and actor.reference != id:
                # To a link's holder a token for another booking is no better than a wrong one.
                raise Unauthenticated("This guest token does not open this booking.")
            booking = require_booking(reading, actor, id)
            [answer] = booking_answers(reading, actor, [booking])
            if answer.hotel.slug != slug:
                raise NotFound("There is no such booking.")
            return answer

        return await self._database.read(look)
