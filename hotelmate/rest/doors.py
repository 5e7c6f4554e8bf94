"""How doors are added to a router: what they have in common in their paths and in the documentation."""

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Security
from fastapi.security import HTTPBearer

from hotelmate.rest.errors import LegacyRoute
from hotelmate.rest.openapi import KEY_PARAMETER, KEY_REFUSALS, refusals

OWN_HOTEL = "/api/staff/hotel/{slug}"

Slug = Annotated[str, Path(description="The hotel's slug.", examples=["killarney"])]
Id = Annotated[str, Path(description="A number.", examples=["1"])]
Reference = Annotated[str, Path(description="The booking's reference.", examples=["BK-2025-0002"])]

# For the documentation only: `Admission` reads the header itself.
_STAFF_TOKEN = HTTPBearer(
    auto_error=False,
    scheme_name="Staff",
    description="`Authorization: Bearer …` or, just the same, `Authorization: Token …`.",
)
_DESCRIPTIONS = {200: "Done.", 201: "Made.", 204: "Removed."}


class Doors:
    """Adds doors of one kind to a router, each with and without the trailing slash."""

    def __init__(self, router: APIRouter, tag: str, *, staff_only: bool = False) -> None:
        self._router = router
        self._tag = tag
        self._is_for_staff = staff_only
        self._dependencies = [Security(_STAFF_TOKEN)] if staff_only else []

    def door(
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        status: int = 200,
        refuses: Collection[int],
        takes: Mapping[str, object] | None = None,
        file: str | None = None,
    ) -> None:
        """Add a door. What staff change through it is made once, however often it comes under the same key.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: as it is documented.
            endpoint: what answers; its docstring and the type of its answer are the documentation.
            status: of its answer.
            refuses: the statuses that it refuses with.
            takes: its body, as `request_body` describes it.
            file: the name of the file that it is about.
        """
        extra: dict[str, Any] = {"requestBody": takes} if takes else {}
        if self._is_for_staff and method != "GET":
            extra["parameters"] = [KEY_PARAMETER]
            refuses = {*refuses, *KEY_REFUSALS}
        for place in (path, path.rstrip("/") if path.endswith("/") else f"{path}/"):
            self._router.add_api_route(
                place,
                endpoint,
                methods=[method],
                tags=[self._tag],
                dependencies=self._dependencies,
                route_class_override=LegacyRoute,
                status_code=status,
                response_description=_DESCRIPTIONS[status],
                responses=refusals(refuses, file=file),
                openapi_extra=extra or None,
                include_in_schema=place == path,
            )
