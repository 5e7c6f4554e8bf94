"""Pictures that come with a form: read, and stored before the transaction that names them begins."""

from collections.abc import Collection, Mapping
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request

from hotelmate.identity.actors import StaffActor
from hotelmate.identity.rates import Rates
from hotelmate.media.pictures import Pictures
from hotelmate.media.storage import Location
from hotelmate.resolvers.checks import camel_case
from hotelmate.resolvers.images import find_images, keep_image
from hotelmate.rest.bodies import Bodies, Body
from hotelmate.rest.callers import address
from hotelmate.rest.openapi import no_file


class Uploads:
    """Takes pictures in from staff."""

    def __init__(self, bodies: Bodies, pictures: Pictures, rates: Rates) -> None:
        self._bodies = bodies
        self._pictures = pictures
        self._rates = rates

    async def read(
        self, request: Request, files: Collection[str], *, structured: Collection[str] = ()
    ) -> Body:
        """Return the body of a request, with the pictures that it has under the names `files`.

        Raises:
            HTTPException, ImageTooLarge: see `Bodies.read`.
        """
        return await self._bodies.read(request, files=files, structured=structured)

    async def keep(self, request: Request, staff: StaffActor, body: Body) -> dict[str, Location]:
        """Store the pictures of a body, and return by their names where they are.

        Raises:
            NotAnImage, UnusableImage, RateLimited, Unavailable: see `keep_image`.
        """
        allowance = self._rates.of_address(address(request))
        keep = partial(keep_image, self._pictures, staff, allowance=allowance)
        return {
            name: await self._pictures.run(partial(keep, content, field=camel_case(name)))
            for name, content in body.files.items()
        }

    async def find(self, staff: StaffActor, urls: Mapping[str, str]) -> dict[str, Location]:
        """Return, by url, those of the pictures that are ours; see `find_images`.

        Raises:
            NoSuchPicture, Unavailable: see `find_images`.
        """
        return await self._pictures.run(partial(find_images, self._pictures, staff, urls)) if urls else {}

    async def keep_one(self, request: Request, staff: StaffActor, body: Body, name: str) -> Location:
        """Store the one picture that a body is about.

        Raises:
            HTTPException: 400, there is none.
            NotAnImage, UnusableImage, RateLimited, Unavailable: see `keep_image`.
        """
        if name not in body.files:
            raise HTTPException(400, no_file(name))
        return (await self.keep(request, staff, body))[name]
