"""Every event that can be in the log, and all that it says.

An event is named as something that happened and holds it in full, so that nothing downstream reads the
database to deliver it. Rows live long: a field may be added with a default, never renamed or removed.
What decides who may see an event (whether an offer is shown to the public) is in the event as well.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from hotelmate.models import BookingStatus, ThemeMode


class Snapshot(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EventData(Snapshot):
    """What one kind of event says."""

    kinds: ClassVar[dict[str, type["EventData"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Enter the kind under its name, which is what the log's `type` column holds."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.kinds[cls.__name__] = cls


def parse(kind: str, json: str) -> EventData:
    """Return the event that a row of the log holds."""
    return EventData.kinds[kind].model_validate_json(json)


class ClockAction(StrEnum):
    """What the staff member did at the clock."""

    CLOCK_IN = "clock_in"
    CLOCK_OUT = "clock_out"


class ClockStatusUpdated(EventData):
    """A staff member went on or off duty."""

    user_id: int
    staff_id: int
    is_on_duty: bool
    clock_time: datetime
    first_name: str
    last_name: str
    action: ClockAction


class OfferSnapshot(Snapshot):
    """An offer as it stood after the change."""

    id: int
    title: str
    short_description: str
    details_text: str
    details_html: str
    valid_from: date | None
    valid_to: date | None
    tag: str
    book_now_url: str
    photo_url: str | None
    sort_order: int
    is_active: bool
    created_at: datetime


class OfferCreated(EventData):
    """An offer was made."""

    offer: OfferSnapshot


class OfferUpdated(EventData):
    """An offer was changed; `was_active` says whether the public saw it before."""

    offer: OfferSnapshot
    was_active: bool


class OfferDeleted(EventData):
    """An offer is gone; `was_active` says whether the public saw it before."""

    offer_id: int
    offer_title: str
    was_active: bool


class OfferImageUpdated(EventData):
    """An offer's photo was replaced; `is_active` says whether the public sees the offer."""

    offer_id: int
    offer_title: str
    photo_url: str
    is_active: bool


class ThemeSnapshot(Snapshot):
    """The colours of a public page."""

    mode: ThemeMode
    primary_color: str
    secondary_color: str
    accent_color: str
    background_color: str
    text_color: str
    button_color: str
    link_color: str


class SettingsSnapshot(Snapshot):
    """A hotel's settings as the public may see them: the guests' WiFi is not among them."""

    hero_image: str | None
    hero_image_display: str | None
    landing_page_image: str | None
    logo: str | None
    tagline: str
    short_description: str
    long_description: str
    welcome_message: str
    amenities: tuple[str, ...]
    contact_email: str
    contact_phone: str
    contact_address: str
    website: str
    theme: ThemeSnapshot
    updated_at: datetime


class SettingsUpdated(EventData):
    """Settings changed; `changed` names the fields, in snake_case."""

    settings: SettingsSnapshot
    gallery: tuple[str, ...]
    changed: tuple[str, ...]


class GalleryImageUploaded(EventData):
    """A picture was added at the gallery's end."""

    url: str
    public_id: str


class GalleryImageRemoved(EventData):
    """A picture was taken out of the gallery; `gallery` is what remains."""

    url: str
    gallery: tuple[str, ...]
    hero_image: str | None
    hero_image_display: str | None
    updated_at: datetime


class GalleryReordered(EventData):
    """The gallery has a new order."""

    gallery: tuple[str, ...]


class RoomTypeImageUpdated(EventData):
    """A room type's photo was replaced."""

    room_type_id: int
    photo_url: str


class BookingEventData(EventData):
    """Something that happened to the booking with the reference `booking_id`."""

    booking_id: str


class BookingCreated(BookingEventData):
    """A booking was made."""

    status: BookingStatus


class BookingStatusChanged(BookingEventData):
    """A booking moved on in its life."""

    status: BookingStatus
    previous_status: BookingStatus


class BookingRoomAssigned(BookingEventData):
    """A booking has a room; `room_type` is its type's name."""

    room_number: str
    room_type: str


class BookingCheckedIn(BookingEventData):
    """The guest arrived. The nonce is what the guest token of that moment is signed over, not the token."""

    room_number: str
    checked_in_at: datetime
    guest_token_nonce: str


class BookingCheckedOut(BookingEventData):
    """The guest left."""

    room_number: str
    checked_out_at: datetime
