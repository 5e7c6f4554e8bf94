"""The fields of the subscription type. Each returns a place in a hotel's log, and which events follow."""

import strawberry

from hotelmate.resolvers import streams as operations
from hotelmate.resolvers.checks import row_id
from hotelmate.resolvers.streams import EventSource
from hotelmate.schema.event_types import BookingEvent, ClockStatusUpdated, Event, OfferEvent, SettingsEvent
from hotelmate.schema.fields import Info, subscription


@strawberry.type
class Subscription:
    @subscription(ClockStatusUpdated, "[staff]")
    def clock_status(
        self, info: Info, staff_id: strawberry.ID | None = None, after: str | None = None
    ) -> EventSource:
        return operations.clock_status(
            info.context.reading,
            info.context.actor,
            staff_id=None if staff_id is None else row_id(staff_id),
            after=after,
        )

    @subscription(
        OfferEvent,
        "Anonymous viewers see active offers only: one that turns inactive reaches them as OfferDeleted."
        " [public]",
    )
    def offers(self, info: Info, hotel_slug: str, after: str | None = None) -> EventSource:
        return operations.offers(info.context.reading, info.context.actor, hotel_slug, after=after)

    @subscription(SettingsEvent, "[public]")
    def settings(self, info: Info, hotel_slug: str, after: str | None = None) -> EventSource:
        return operations.settings(info.context.reading, hotel_slug, after=after)

    @subscription(BookingEvent, "[guest]")
    def booking(self, info: Info, id: strawberry.ID, after: str | None = None) -> EventSource:
        return operations.booking(info.context.reading, info.context.actor, id, after=after)

    @subscription(BookingEvent, "[staff]")
    def bookings(self, info: Info, after: str | None = None) -> EventSource:
        return operations.bookings(info.context.reading, info.context.actor, after=after)

    @subscription(Event, "Everything in the hotel. [staff]")
    def hotel_events(self, info: Info, after: str | None = None) -> EventSource:
        return operations.hotel_events(info.context.reading, info.context.actor, after=after)
