"""Offers: what a hotel shows on its public page, as its staff change it."""

from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate import models
from hotelmate.database import Database, Reading
from hotelmate.resolvers import offers
from hotelmate.resolvers.checks import row_id
from hotelmate.resolvers.hotels import own_hotel
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import Offer, UploadedPhoto
from hotelmate.rest.bodies import Fields
from hotelmate.rest.changes import Changes
from hotelmate.rest.doors import OWN_HOTEL, Doors, Id, Slug
from hotelmate.rest.inputs import Boolean, Day, WholeNumber, read
from hotelmate.rest.openapi import as_json, request_body, with_picture, with_pictures
from hotelmate.rest.uploads import Uploads

_PHOTO = "photo"
_PATH = f"{OWN_HOTEL}/offers/"
_ONE = f"{_PATH}{{id}}/"


class OfferDetails(TypedDict, total=False):
    """What an offer may do without."""

    details_text: str
    details_html: str
    valid_from: Day
    valid_to: Day
    tag: str
    book_now_url: str
    sort_order: WholeNumber
    is_active: Boolean


class NewOffer(OfferDetails):
    """A new offer."""

    title: str
    short_description: str


class OfferChanges(OfferDetails, total=False):
    """Changes of an offer."""

    title: str
    short_description: str


_NEW_OFFER = TypeAdapter(NewOffer)
_CHANGES = TypeAdapter(OfferChanges)
# A form cannot leave its controls out: one of these that is empty says nothing.
_SAY_NOTHING_EMPTY = {"sort_order", "is_active"}

_EXAMPLE = {
    "title": "Two nights, one dinner",
    "short_description": "Stay two nights and dine with us on one of them.",
    "valid_from": "2026-05-01",
    "valid_to": "2026-08-31",
    "is_active": True,
}


class OfferDoors:
    """Shows staff the offers of their hotel, and changes them."""

    def __init__(self, database: Database, admit: Admission, uploads: Uploads, changes: Changes) -> None:
        self._database = database
        self._admit = admit
        self._uploads = uploads
        self._changes = changes

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "offers", staff_only=True)
        doors.door("GET", _PATH, self.list_all, refuses=(401, 403))
        body = request_body(as_json(_NEW_OFFER, _EXAMPLE), with_pictures([_PHOTO], _NEW_OFFER, _EXAMPLE))
        doors.door("POST", _PATH, self.create, status=201, takes=body, refuses=(400, 401, 403, 413, 415))
        doors.door("GET", _ONE, self.get, refuses=(401, 403, 404))
        example = {"title": "Three nights, one dinner"}
        body = request_body(as_json(_CHANGES, example), with_pictures([_PHOTO], _CHANGES, example))
        for method in ("PATCH", "PUT"):
            doors.door(method, _ONE, self.update, takes=body, refuses=(400, 401, 403, 404, 413, 415))
        doors.door("DELETE", _ONE, self.delete, status=204, refuses=(401, 403, 404))
        doors.door(
            "POST",
            f"{_ONE}upload-image/",
            self.upload_image,
            takes=request_body(with_picture(_PHOTO)),
            file=_PHOTO,
            refuses=(400, 401, 403, 404, 413, 415),
        )

    async def list_all(self, request: Request, slug: Slug) -> list[Offer]:
        """Return all offers of the hotel, by sort order, then newest."""
        staff = await self._admit(request, slug)

        def look(reading: Reading) -> list[Offer]:
            hotel = own_hotel(reading, staff)
            found = offers.offers_by_hotel(reading, [hotel], include_inactive=True, at=datetime.now(UTC))
            return [Offer.of(offer) for offer in found[hotel.id]]

        return await self._database.read(look)

    async def get(self, request: Request, slug: Slug, id: Id) -> Offer:
        """Return an offer of the hotel."""
        staff = await self._admit(request, slug)

        def look(reading: Reading) -> Offer:
            return Offer.of(offers.own_offer(reading, staff, row_id(id)))

        return await self._database.read(look)

    async def create(self, request: Request, slug: Slug) -> Offer:
        """Make an offer, with its photo if one is sent."""
        staff = await self._admit(request, slug)
        body = await self._uploads.read(request, [_PHOTO])
        change = await self._changes.begin(request, staff, models.Offer, body)
        made = change.made
        if made is None:
            draft = offers.OfferDraft(**read(_NEW_OFFER, _said(body.fields)))
            offers.check_draft(staff, draft)
            photo = (await self._uploads.keep(request, staff, body)).get(_PHOTO)
            create = partial(offers.create_offer, actor=staff, draft=draft, photo=photo)
            made = await change.make(partial(create, at=datetime.now(UTC)))
        return Offer.of(made.value)

    async def update(self, request: Request, slug: Slug, id: Id) -> Offer:
        """Change an offer; what is left out stays as it is, with PUT as well."""
        staff = await self._admit(request, slug)
        body = await self._uploads.read(request, [_PHOTO])
        change = await self._changes.begin(request, staff, models.Offer, body)
        made = change.made
        if made is None:
            offer_id, changes = row_id(id), read(_CHANGES, _said(body.fields))
            if body.files:
                check = partial(offers.check_changes, actor=staff, offer_id=offer_id, changes=changes)
                await self._database.read(check)
            photo = (await self._uploads.keep(request, staff, body)).get(_PHOTO)
            update = partial(offers.update_offer, actor=staff, offer_id=offer_id, changes=changes)
            made = await change.make(partial(update, photo=photo, at=datetime.now(UTC)))
        return Offer.of(made.value)

    async def upload_image(self, request: Request, slug: Slug, id: Id) -> UploadedPhoto:
        """Give an offer a photo."""
        staff = await self._admit(request, slug)
        body = await self._uploads.read(request, [_PHOTO])
        change = await self._changes.begin(request, staff, models.Offer, body)
        made = change.made
        if made is None:
            offer_id = row_id(id)
            await self._database.read(partial(offers.own_offer, actor=staff, offer_id=offer_id))
            photo = await self._uploads.keep_one(request, staff, body, _PHOTO)
            set_photo = partial(offers.set_offer_photo, actor=staff, offer_id=offer_id, photo=photo)
            made = await change.make(partial(set_photo, at=datetime.now(UTC)))
        return UploadedPhoto(message="Image uploaded successfully", photo_url=made.value.photo_url)

    async def delete(self, request: Request, slug: Slug, id: Id) -> Response:
        """Remove an offer."""
        staff = await self._admit(request, slug)
        change = await self._changes.begin(request, staff, models.Offer)
        delete = partial(offers.delete_offer, actor=staff, offer_id=row_id(id), at=datetime.now(UTC))
        await change.make(delete)
        return Response(status_code=204)


def _said(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value != "" or name not in _SAY_NOTHING_EMPTY}
