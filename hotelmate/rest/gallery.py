"""The gallery of a hotel's public page, as its staff change it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate.database import Database, Transaction
from hotelmate.models import GalleryImage
from hotelmate.resolvers.gallery import add_gallery_image, remove_gallery_image, reorder_gallery
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import Gallery, UploadedImage
from hotelmate.rest.bodies import read_body
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

    def __init__(self, database: Database, admit: Admission, uploads: Uploads) -> None:
        self._database = database
        self._admit = admit
        self._uploads = uploads

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
        image = await self._uploads.keep_one(request, staff, body, _IMAGE)

        def add(transaction: Transaction) -> None:
            add_gallery_image(transaction, staff, image, at=datetime.now(UTC))

        await self._database.write(add)
        return UploadedImage(url=image.url, public_id=image.public_id, message="Image uploaded successfully")

    async def reorder(self, request: Request, slug: Slug) -> Gallery:
        """Put the gallery in another order: exactly its urls, each once."""
        staff = await self._admit(request, slug)
        body = await read_body(request, structured=("gallery",))
        urls = read(_ORDER, body.fields)["gallery"]

        def reorder(transaction: Transaction) -> Sequence[GalleryImage]:
            return reorder_gallery(transaction, staff, urls, at=datetime.now(UTC))

        return await self._changed("Gallery reordered successfully", reorder)

    async def remove(self, request: Request, slug: Slug) -> Gallery:
        """Take a picture out of the gallery."""
        staff = await self._admit(request, slug)
        url = read(_PICTURE, (await read_body(request)).fields)["url"]

        def remove(transaction: Transaction) -> Sequence[GalleryImage]:
            return remove_gallery_image(transaction, staff, url, at=datetime.now(UTC))

        return await self._changed("Image removed successfully", remove)

    async def _changed(
        self, message: str, operation: Callable[[Transaction], Sequence[GalleryImage]]
    ) -> Gallery:
        images = await self._database.write(operation)
        return Gallery(message=message, gallery=[image.url for image in images])
