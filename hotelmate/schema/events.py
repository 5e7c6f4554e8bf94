"""The event log as GraphQL shows it.

What an event's type says is all in the event, so that showing one reads nothing.
"""

from datetime import datetime
from functools import singledispatch
from typing import TypedDict

import strawberry

from hotelmate.events import catalogue, log
from hotelmate.resolvers import event_log as operations
from hotelmate.resolvers.checks import camel_case
from hotelmate.schema import event_types as types
from hotelmate.schema.event_types import Event
from hotelmate.schema.fields import Info, field
from hotelmate.schema.offers import Offer
from hotelmate.schema.paging import size
from hotelmate.schema.scalars import graphql_id
from hotelmate.schema.settings import HotelSettings


@strawberry.type
class EventQueries:
    @field(
        "The hotel's event log after a cursor (from its beginning without one), oldest first;"
        " at most 500. [staff]"
    )
    def events(self, info: Info, after: str | None = None, first: int | None = 100) -> list[Event]:
        found = operations.events_after(
            info.context.reading, info.context.actor, after=after, first=size(first)
        )
        return [as_graphql(event) for event in found]


class Head(TypedDict):
    """What every event says."""

    id: strawberry.ID
    hotel_slug: str
    seq: int
    cursor: str
    occurred_at: datetime


def as_graphql(event: log.Event) -> Event:
    """Return an event of the log as its GraphQL type."""
    head = Head(
        id=graphql_id(event.id),
        hotel_slug=event.hotel_slug,
        seq=event.seq,
        cursor=event.cursor,
        occurred_at=event.occurred_at,
    )
    return _shown(event.data, head)


@singledispatch
def _shown(data: catalogue.EventData, _head: Head) -> Event:
    raise AssertionError(f"{type(data).__name__} has no GraphQL type")


@_shown.register
def _(data: catalogue.ClockStatusUpdated, head: Head) -> Event:
    return types.ClockStatusUpdated(
        **head,
        user_id=graphql_id(data.user_id),
        staff_id=graphql_id(data.staff_id),
        is_on_duty=data.is_on_duty,
        clock_time=data.clock_time,
        first_name=data.first_name,
        last_name=data.last_name,
        action=data.action,
    )


@_shown.register
def _(data: catalogue.OfferCreated, head: Head) -> Event:
    return types.OfferCreated(**head, offer=Offer.of(data.offer))


@_shown.register
def _(data: catalogue.OfferUpdated, head: Head) -> Event:
    return types.OfferUpdated(**head, offer=Offer.of(data.offer))


@_shown.register
def _(data: catalogue.OfferDeleted, head: Head) -> Event:
    return types.OfferDeleted(**head, offer_id=graphql_id(data.offer_id), offer_title=data.offer_title)


@_shown.register
def _(data: catalogue.OfferImageUpdated, head: Head) -> Event:
    return types.OfferImageUpdated(
        **head,
        offer_id=graphql_id(data.offer_id),
        offer_title=data.offer_title,
        photo_url=data.photo_url,
    )


@_shown.register
def _(data: catalogue.SettingsUpdated, head: Head) -> Event:
    return types.SettingsUpdated(
        **head,
        settings=HotelSettings.of(data.settings),
        gallery=list(data.gallery),
        updated_at=data.settings.updated_at,
        changed=[camel_case(field) for field in data.changed],
    )


@_shown.register
def _(data: catalogue.GalleryImageUploaded, head: Head) -> Event:
    return types.GalleryImageUploaded(**head, url=data.url, public_id=data.public_id)


@_shown.register
def _(data: catalogue.GalleryImageRemoved, head: Head) -> Event:
    return types.GalleryImageRemoved(**head, url=data.url, gallery=list(data.gallery))


@_shown.register
def _(data: catalogue.GalleryReordered, head: Head) -> Event:
    return types.GalleryReordered(**head, gallery=list(data.gallery))


@_shown.register
def _(data: catalogue.RoomTypeImageUpdated, head: Head) -> Event:
    return types.RoomTypeImageUpdated(
        **head, room_type_id=graphql_id(data.room_type_id), photo_url=data.photo_url
    )


@_shown.register
def _(data: catalogue.BookingCreated, head: Head) -> Event:
    return types.BookingCreated(**head, booking_id=strawberry.ID(data.booking_id), status=data.status)


@_shown.register
def _(data: catalogue.BookingStatusChanged, head: Head) -> Event:
    return types.BookingStatusChanged(
        **head,
        booking_id=strawberry.ID(data.booking_id),
        status=data.status,
        previous_status=data.previous_status,
    )


@_shown.register
def _(data: catalogue.BookingRoomAssigned, head: Head) -> Event:
    return types.BookingRoomAssigned(
        **head,
        booking_id=strawberry.ID(data.booking_id),
        room_number=data.room_number,
        room_type=data.room_type,
    )


@_shown.register
def _(data: catalogue.BookingCheckedIn, head: Head) -> Event:
    return types.BookingCheckedIn(
        **head,
        booking_id=strawberry.ID(data.booking_id),
        room_number=data.room_number,
        checked_in_at=data.checked_in_at,
    )


@_shown.register
def _(data: catalogue.BookingCheckedOut, head: Head) -> Event:
    return types.BookingCheckedOut(
        **head,
        booking_id=strawberry.ID(data.booking_id),
        room_number=data.room_number,
        checked_out_at=data.checked_out_at,
    )
