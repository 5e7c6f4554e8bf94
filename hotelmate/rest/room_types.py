"""Room types, as staff of their hotel see them, and their photos."""

from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate import models
from hotelmate.database import Database, Reading
from hotelmate.identity.actors import StaffActor
from hotelmate.media.storage import Location
from hotelmate.resolvers import checks
from hotelmate.resolvers.checks import row_id
from hotelmate.resolvers.hotels import room_types_by_hotel
from hotelmate.resolvers.room_types import own_room_type, set_room_type_photo
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import RoomType, UploadedPhoto
from hotelmate.rest.bodies import Body
from hotelmate.rest.changes import Changes
from hotelmate.rest.doors import OWN_HOTEL, Doors, Id, Slug
from hotelmate.rest.inputs import read
from hotelmate.rest.openapi import as_json, request_body, with_picture
from hotelmate.rest.uploads import Uploads

_PHOTO = "photo"
_PATH = f"{OWN_HOTEL}/room-types/"


class PhotoAddress(TypedDict):
    """Where a photo is."""

    photo_url: str


_ADDRESS = TypeAdapter(PhotoAddress)
_EXAMPLE = {"photo_url": "https://pictures.example/killarney/standard.jpg"}


class RoomTypeDoors:
    """Shows staff the room types of their hotel, and gives them photos."""

    def __init__(self, database: Database, admit: Admission, uploads: Uploads, changes: Changes) -> None:
        self._database = database
        self._admit = admit
        self._uploads = uploads
        self._changes = changes

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "room types", staff_only=True)
        doors.door("GET", _PATH, self.list_all, refuses=(401, 403))
        doors.door(
            "POST",
            f"{_PATH}{{id}}/upload-image/",
            self.upload_image,
            takes=request_body(as_json(_ADDRESS, _EXAMPLE), with_picture(_PHOTO)),
            file=_PHOTO,
            refuses=(400, 401, 403, 404, 413, 415),
        )

    async def list_all(self, request: Request, slug: Slug) -> list[RoomType]:
        """Return the room types of the hotel, by sort order."""
        staff = await self._admit(request, slug)

        def look(reading: Reading) -> list[RoomType]:
            found = room_types_by_hotel(reading, [staff.hotel_id])[staff.hotel_id]
            return [RoomType.model_validate(room_type) for room_type in found]

        return await self._database.read(look)

    async def upload_image(self, request: Request, slug: Slug, id: Id) -> UploadedPhoto:
        """Give a room type a photo, or the address of one."""
        staff = await self._admit(request, slug)
        body = await self._uploads.read(request, [_PHOTO])
        change = await self._changes.begin(request, staff, models.RoomType, body)
        made = change.made
        if made is None:
            room_type_id = row_id(id)
            await self._database.read(partial(own_room_type, actor=staff, room_type_id=room_type_id))
            photo = await self._photo(request, staff, body)
            set_photo = partial(set_room_type_photo, actor=staff, room_type_id=room_type_id, photo=photo)
            made = await change.make(partial(set_photo, at=datetime.now(UTC)))
        return UploadedPhoto(message="Image uploaded successfully", photo_url=made.value.photo_url)

    async def _photo(self, request: Request, staff: StaffActor, body: Body) -> Location | str:
        if _PHOTO not in body.files and "photo_url" in body.fields:
            url = checks.image_url("photoUrl", read(_ADDRESS, body.fields)["photo_url"])
            found = await self._uploads.find(staff, {"photoUrl": url})
            return found.get(url, url)
        return await self._uploads.keep_one(request, staff, body, _PHOTO)
