"""What can happen in a hotel: a GraphQL type for each kind of event of the catalogue."""

from datetime import datetime
from typing import Annotated

import strawberry

from hotelmate.schema.enums import BookingStatus, ClockAction
from hotelmate.schema.offers import Offer
from hotelmate.schema.settings import HotelSettings


@strawberry.interface(
    description=(
        "What happened in a hotel. `seq` counts the hotel's events from 1 without a gap;"
        " `cursor` is opaque, for `after`."
    )
)
class Event:
    id: strawberry.ID
    hotel_slug: str
    seq: int
    cursor: str
    occurred_at: datetime


@strawberry.type(description="A staff member went on or off duty.")
class ClockStatusUpdated(Event):
    user_id: strawberry.ID
    staff_id: strawberry.ID
    is_on_duty: bool
    clock_time: datetime
    first_name: str
    last_name: str
    action: ClockAction


@strawberry.type(description="An offer was made, or became one that the viewer may see.")
class OfferCreated(Event):
    offer: Offer


@strawberry.type(description="An offer was changed.")
class OfferUpdated(Event):
    offer: Offer


@strawberry.type(description="An offer is gone, or no longer one that the viewer may see.")
class OfferDeleted(Event):
    offer_id: strawberry.ID
    offer_title: str


@strawberry.type(description="An offer's photo was replaced.")
class OfferImageUpdated(Event):
    offer_id: strawberry.ID
    offer_title: str
    photo_url: str


@strawberry.type(description="Settings changed; `changed` names the fields of SettingsPatch.")
class SettingsUpdated(Event):
    settings: HotelSettings
    gallery: list[str]
    updated_at: datetime
    changed: list[str]


@strawberry.type(description="A picture was added at the gallery's end.")
class GalleryImageUploaded(Event):
    url: str
    public_id: str


@strawberry.type(description="A picture was taken out of the gallery; `gallery` is what remains.")
class GalleryImageRemoved(Event):
    url: str
    gallery: list[str]


@strawberry.type(description="The gallery has a new order.")
class GalleryReordered(Event):
    gallery: list[str]


@strawberry.type(description="A room type's photo was replaced.")
class RoomTypeImageUpdated(Event):
    room_type_id: strawberry.ID
    photo_url: str


@strawberry.type(description="A booking was made.")
class BookingCreated(Event):
    booking_id: strawberry.ID
    status: BookingStatus


@strawberry.type(description="A booking moved on in its life.")
class BookingStatusChanged(Event):
    booking_id: strawberry.ID
    status: BookingStatus
    previous_status: BookingStatus


@strawberry.type(description="A booking has a room; `roomType` is the name of its type.")
class BookingRoomAssigned(Event):
    booking_id: strawberry.ID
    room_number: str
    room_type: str


@strawberry.type(description="The guest arrived.")
class BookingCheckedIn(Event):
    booking_id: strawberry.ID
    room_number: str
    checked_in_at: datetime


@strawberry.type(description="The guest left.")
class BookingCheckedOut(Event):
    booking_id: strawberry.ID
    room_number: str
    checked_out_at: datetime


OfferEvent = Annotated[
    OfferCreated | OfferUpdated | OfferDeleted | OfferImageUpdated, strawberry.union("OfferEvent")
]
SettingsEvent = Annotated[
    SettingsUpdated | GalleryImageUploaded | GalleryImageRemoved | GalleryReordered | RoomTypeImageUpdated,
    strawberry.union("SettingsEvent"),
]
BookingEvent = Annotated[
    BookingCreated | BookingStatusChanged | BookingRoomAssigned | BookingCheckedIn | BookingCheckedOut,
    strawberry.union("BookingEvent"),
]
