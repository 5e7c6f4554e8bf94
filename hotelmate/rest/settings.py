"""The texts, pictures and colours of a hotel's public page, as its staff change them."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, TypeAdapter
from starlette.requests import Request
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate.database import Database, Reading, Transaction
from hotelmate.models import HotelSettings, ThemeMode
from hotelmate.resolvers.hotels import gallery_by_hotel, settings_by_hotel
from hotelmate.resolvers.settings import addressed_images, check_changes, snapshot, update_settings
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import Settings
from hotelmate.rest.changes import Changes
from hotelmate.rest.doors import OWN_HOTEL, Doors, Slug
from hotelmate.rest.inputs import read
from hotelmate.rest.openapi import as_json, request_body, with_pictures
from hotelmate.rest.uploads import Uploads

_PATH = f"{OWN_HOTEL}/settings/"
_IMAGES = ("hero_image", "landing_page_image", "logo")


class ThemeChanges(TypedDict, total=False):
    """Changes of the colours, as #RRGGBB."""

    mode: Annotated[str, Field(json_schema_extra={"enum": [*ThemeMode]})]
    primary_color: str
    secondary_color: str
    accent_color: str
    background_color: str
    text_color: str
    button_color: str
    link_color: str


class SettingsChanges(TypedDict, total=False):
    """Changes of the settings; null and an empty text clear."""

    hero_image: str | None
    landing_page_image: str | None
    logo: str | None
    tagline: str | None
    short_description: str | None
    long_description: str | None
    welcome_message: str | None
    amenities: list[str] | None
    contact_email: str | None
    contact_phone: str | None
    contact_address: str | None
    website: str | None
    theme: ThemeChanges
    wifi_name: str | None
    wifi_password: str | None


_CHANGES = TypeAdapter(SettingsChanges)
_EXAMPLE = {"tagline": "By the lake", "amenities": ["Free WiFi"], "theme": {"primary_color": "#1F4E5F"}}


class SettingsDoors:
    """Shows staff the settings of their hotel, and changes them."""

    def __init__(self, database: Database, admit: Admission, uploads: Uploads, changes: Changes) -> None:
        self._database = database
        self._admit = admit
        self._uploads = uploads
        self._changes = changes

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "settings", staff_only=True)
        doors.door("GET", _PATH, self.get, refuses=(401, 403))
        body = request_body(as_json(_CHANGES, _EXAMPLE), with_pictures(_IMAGES, _CHANGES, _EXAMPLE))
        for method in ("PATCH", "PUT"):
            doors.door(method, _PATH, self.update, takes=body, refuses=(400, 401, 403, 413, 415))

    async def get(self, request: Request, slug: Slug) -> Settings:
        """Return the settings."""
        staff = await self._admit(request, slug)

        def look(reading: Reading) -> Settings:
            return _answer(reading, settings_by_hotel(reading, [staff.hotel_id])[staff.hotel_id])

        return await self._database.read(look)

    async def update(self, request: Request, slug: Slug) -> Settings:
        """Change settings; what is left out stays as it is, with PUT as well, and null clears."""
        staff = await self._admit(request, slug)
        body = await self._uploads.read(request, _IMAGES, structured=("amenities", "theme"))
        change = await self._changes.begin(request, staff, Settings, body)
        if change.made is not None:
            return change.made.value
        changes = read(_CHANGES, body.fields)
        check_changes(staff, changes, images=body.files)
        addressed = await self._database.read(partial(addressed_images, actor=staff, changes=changes))
        found = await self._uploads.find(staff, addressed)
        images = await self._uploads.keep(request, staff, body)

        def update(transaction: Transaction) -> Settings:
            at = datetime.now(UTC)
            updated = update_settings(transaction, staff, changes, images=images, found=found, at=at)
            return _answer(transaction, updated)

        return (await change.make(update)).value


def _answer(reading: Reading, settings: HotelSettings) -> Settings:
    gallery = gallery_by_hotel(reading, [settings.hotel_id])[settings.hotel_id]
    return Settings.of(snapshot(settings), gallery)
