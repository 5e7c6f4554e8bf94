"""What the doors answer with, typed: the names and forms that the legacy events have."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from hotelmate import models
from hotelmate.bridge.payloads import offer_payload
from hotelmate.events.catalogue import SettingsSnapshot
from hotelmate.models import BookingStatus, ThemeMode
from hotelmate.resolvers import offers
from hotelmate.rest import examples


def _in_utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


Time = Annotated[
    datetime,
    PlainSerializer(_in_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""ISO 8601 in UTC, with an offset."""


class Answer(BaseModel):
    """Something that is answered, field by field and nothing else."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")


def _shown_as(example: Mapping[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [dict(example)]})


class Error(BaseModel):
    """Why a request was refused: a sentence, and beside it those for the fields that are to blame."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, list[str]] = Field(init=False)

    error: str
    id: str | None = Field(default=None, description="With 500 and 503 only: what to look for in the log.")


class LoggedIn(Answer):
    """A session: send its token until it expires."""

    model_config = _shown_as(examples.LOGGED_IN)

    token: str
    expires_at: Time
    staff_id: int
    user_id: int
    hotel_slug: str


class Clocked(Answer):
    """What the clock says now."""

    model_config = _shown_as(examples.CLOCKED)

    success: bool
    is_on_duty: bool
    clock_time: Time


class Offer(Answer):
    """An offer; `photo` and `photo_url` are the same."""

    model_config = _shown_as(examples.OFFER)

    id: int
    title: str
    short_description: str
    details_text: str
    details_html: str
    valid_from: date | None
    valid_to: date | None
    tag: str
    book_now_url: str
    photo: str | None
    photo_url: str | None
    sort_order: int
    is_active: bool
    created_at: Time

    @classmethod
    def of(cls, offer: models.Offer) -> "Offer":
        return cls.model_validate(offer_payload(offers.snapshot(offer)))


class UploadedPhoto(Answer):
    """A photo was put in place."""

    model_config = _shown_as(examples.UPLOADED_PHOTO)

    message: str
    photo_url: str


class Theme(Answer):
    """The colours of the public page, as #RRGGBB."""

    mode: ThemeMode
    primary_color: str
    secondary_color: str
    accent_color: str
    background_color: str
    text_color: str
    button_color: str
    link_color: str


class PublicSettings(Answer):
    """What a hotel's public page says and looks like."""

    model_config = _shown_as(examples.PUBLIC_SETTINGS)

    hero_image: str | None
    hero_image_display: str | None = Field(description="The hero image as the public page shows it.")
    landing_page_image: str | None
    logo: str | None
    tagline: str
    short_description: str
    long_description: str
    welcome_message: str
    amenities: list[str]
    contact_email: str
    contact_phone: str
    contact_address: str
    website: str
    theme: Theme
    updated_at: Time


class Settings(PublicSettings):
    """The settings as staff change them. The guests' WiFi can be set, and is told to nobody here."""

    model_config = _shown_as({**examples.PUBLIC_SETTINGS, "gallery": examples.GALLERY})

    gallery: list[str] = Field(description="The urls of the gallery, in its order.")

    @classmethod
    def of(cls, settings: SettingsSnapshot, gallery: list[models.GalleryImage]) -> "Settings":
        return cls(**settings.model_dump(), gallery=[image.url for image in gallery])


class Gallery(Answer):
    """The gallery was changed."""

    model_config = _shown_as(examples.GALLERY_CHANGED)

    message: str
    gallery: list[str] = Field(description="The urls that are in it now, in order.")


class UploadedImage(Answer):
    """A picture was added at the gallery's end."""

    model_config = _shown_as(examples.UPLOADED_IMAGE)

    url: str
    public_id: str
    message: str


class RoomType(Answer):
    """A kind of room that can be booked."""

    model_config = _shown_as(examples.ROOM_TYPE)

    id: int
    code: str
    name: str
    short_description: str
    max_occupancy: int
    photo_url: str | None
    sort_order: int


class BookedHotel(Answer):
    """The hotel, as far as a booking or a public page names it."""

    model_config = _shown_as(examples.HOTEL)

    id: int
    slug: str
    name: str


class BookedRoomType(Answer):
    """The room type, as far as a booking names it."""

    id: int
    code: str
    name: str


class BookedRoom(Answer):
    """The room with its number."""

    id: int
    number: str


class Wifi(Answer):
    """The guests' WiFi."""

    name: str
    password: str


class Booking(Answer):
    """A booking; its `id` is its reference. `cursor` is for GraphQL's `after`."""

    model_config = _shown_as(examples.BOOKING)

    id: str
    status: BookingStatus
    hotel: BookedHotel
    room_type: BookedRoomType
    room: BookedRoom | None
    guest_name: str
    guest_email: str
    guest_phone: str
    arrival: date
    departure: date
    nights: int
    adults: int
    children: int
    special_requests: str
    room_assigned_at: Time | None
    checked_in_at: Time | None
    checked_out_at: Time | None
    cancelled_at: Time | None
    created_at: Time
    wifi: Wifi | None = Field(description="For staff, and for the guest during the stay.")
    cursor: str


class PublicPage(Answer):
    """All that a hotel's public page shows. `cursor` is for GraphQL's `after`."""

    model_config = _shown_as(examples.PUBLIC_PAGE)

    hotel: BookedHotel
    settings: PublicSettings
    gallery: list[str]
    room_types: list[RoomType]
    offers: list[Offer] = Field(description="Active and valid today.")
    cursor: str
