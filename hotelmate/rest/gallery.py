"""The gallery of a hotel's public page, as its staff change it."""

from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate.idempotency.outcomes import Outcome
from hotelmate.models import GalleryImage
from hotelmate.resolvers.gallery import add_gallery_image, remove_gallery_image, reorder_gallery
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import Gallery, UploadedImage
from hotelmate.rest.bodies import Bodies
from hotelmate.rest.changes import Changes
from hotelmate.rest.doors import OWN_HOTEL, Doors, Slug
from hotelmate.rest.inputs import read
from hotelmate.rest.openapi import as_json, request_body, with_picture
from hotelmate.rest.uploads import Uploads

_IMAGE = "image"
_PATHS = (f"{OWN_HOTEL}/settings/gallery", f"{OWN_HOTEL}/gallery")


class GalleryOrder(TypedDict):
    """The urls of the gallery in their new order."""

    gallery: list[str]


class GalleryPicture(TypedDict):
    """A picture of the gallery."""

    url: str


_ORDER = TypeAdapter(GalleryOrder)
_PICTURE = TypeAdapter(GalleryPicture)


class GalleryDoors:
    """Changes what is in the gallery, and its order."""

    def __init__(self, admit: Admission, bodies: Bodies, uploads: Uploads, changes: Changes) -> None:
        self._admit = admit
        self._bodies = bodies
        self._uploads = uploads
        self._changes = changes

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router, at both places where the frontends look for them."""
        doors = Doors(router, "gallery", staff_only=True)
        order = request_body(as_json(_ORDER, {"gallery": ["https://pictures.example/garden.jpg"]}))
        picture = request_body(as_json(_PICTURE, {"url": "https://pictures.example/garden.jpg"}))
        for path in _PATHS:
            doors.door(
                "POST",
                f"{path}/upload/",
                self.upload,
                status=201,
                takes=request_body(with_picture(_IMAGE)),
                file=_IMAGE,
                refuses=(400, 401, 403, 409, 413, 415),
            )
            doors.door(
                "POST",
                f"{path}/reorder/",
                self.reorder,
                takes=order,
                refuses=(400, 401, 403, 413, 415),
            )
            doors.door(
                "DELETE",
                f"{path}/remove/",
                self.remove,
                takes=picture,
                refuses=(400, 401, 403, 404, 413, 415),
            )

    async def upload(self, request: Request, slug: Slug) -> UploadedImage:
        """Add a picture at the gallery's end."""
        staff = await self._admit(request, slug)
        body = await self._uploads.read(request, [_IMAGE])
        change = await self._changes.begin(request, staff, GalleryImage, body)
        made = change.made
        if made is None:
            image = await self._uploads.keep_one(request, staff, body, _IMAGE)
            add = partial(add_gallery_image, actor=staff, image=image, at=datetime.now(UTC))
            made = await change.make(add)
        return UploadedImage(
            url=made.value.url, public_id=made.value.public_id, message="Image uploaded successfully"
        )

    async def reorder(self, request: Request, slug: Slug) -> Gallery:
        """Put the gallery in another order: exactly its urls, each once."""
        staff = await self._admit(request, slug)
        body = await self._bodies.read(request, structured=("gallery",))
        change = await self._changes.begin(request, staff, list[GalleryImage], body)
        urls = read(_ORDER, body.fields)["gallery"]
        reorder = partial(reorder_gallery, actor=staff, urls=urls, at=datetime.now(UTC))
        return _gallery("Gallery reordered successfully", await change.make(reorder))

    async def remove(self, request: Request, slug: Slug) -> Gallery:
        """Take a picture out of the gallery."""
        staff = await self._admit(request, slug)
        body = await self._bodies.read(request)
        change = await self._changes.begin(request, staff, list[GalleryImage], body)
        url = read(_PICTURE, body.fields)["url"]
        remove = partial(remove_gallery_image, actor=staff, url=url, at=datetime.now(UTC))
        return _gallery("Image removed successfully", await change.make(remove))


def _gallery(message: str, made: Outcome[list[GalleryImage]]) -> Gallery:
    return Gallery(message=message, gallery=[image.url for image in made.value])
