"""What a caller may subscribe to: a place in a hotel's log, and which of the events after it.

Which events these are depends on the event alone, so that subscribers to the same share one execution.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from hotelmate.database import Reading
from hotelmate.events import catalogue, log
from hotelmate.events.log import Event
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import is_staff_of, require_staff
from hotelmate.resolvers.bookings import require_booking
from hotelmate.resolvers.clocking import require_colleague
from hotelmate.resolvers.hotels import hotels_by_id, own_hotel, require_hotel

Select = Callable[[Event], Event | None]
"""Returns the event as these followers see it, or None when it is not for them."""

_SETTINGS = (
    catalogue.SettingsUpdated,
    catalogue.GalleryImageUploaded,
    catalogue.GalleryImageRemoved,
    catalogue.GalleryReordered,
    catalogue.RoomTypeImageUpdated,
)
_OFFERS = (
    catalogue.OfferCreated,
    catalogue.OfferUpdated,
    catalogue.OfferDeleted,
    catalogue.OfferImageUpdated,
)


@dataclass(frozen=True, slots=True)
class EventSource:
    """A hotel's events after a number, as one audience sees them; `latest` is where the log stood then.

    `audience` is equal for two sources exactly when both show the same of every event: it names what is
    followed and with which rights, and never who follows.
    """

    hotel_id: int
    after: int
    latest: int
    audience: Hashable
    select: Select


def clock_status(reading: Reading, actor: Actor, *, staff_id: int | None, after: str | None) -> EventSource:
    """[staff] Follow who goes on and off duty: everybody of the hotel, or one of them.

    Raises:
        NotFound: `staff_id` is nobody of this hotel.
        BadUserInput: `after` was never a cursor.
        CursorExpired: the log does not hold what follows `after`.
    """
    hotel = own_hotel(reading, require_staff(actor))
    if staff_id is not None:
        require_colleague(reading, actor, staff_id)

    def select(event: Event) -> Event | None:
        data = event.data
        if not isinstance(data, catalogue.ClockStatusUpdated):
            return None
        return event if staff_id in {None, data.staff_id} else None

    position = log.position(reading, hotel, after)
    return EventSource(hotel.id, position, hotel.seq, ("clock_status", hotel.id, staff_id), select)


def offers(reading: Reading, actor: Actor, hotel_slug: str, *, after: str | None) -> EventSource:
    """[public] Follow a hotel's offers; whoever is not on its staff sees active ones only.

    Raises:
        NotFound: there is no such hotel.
        BadUserInput: `after` was never a cursor.
        CursorExpired: the log does not hold what follows `after`.
    """
    hotel = require_hotel(reading, hotel_slug)
    position = log.position(reading, hotel, after)
    if is_staff_of(actor, hotel.id):
        return EventSource(hotel.id, position, hotel.seq, ("offers", hotel.id, "staff"), _only(*_OFFERS))
    return EventSource(
        hotel.id, position, hotel.seq, ("offers", hotel.id, "public"), _as_the_public_sees_offers
    )


def settings(reading: Reading, hotel_slug: str, *, after: str | None) -> EventSource:
    """[public] Follow a hotel's settings, gallery and room type images.

    Raises:
        NotFound: there is no such hotel.
        BadUserInput: `after` was never a cursor.
        CursorExpired: the log does not hold what follows `after`.
    """
    hotel = require_hotel(reading, hotel_slug)
    position = log.position(reading, hotel, after)
    return EventSource(hotel.id, position, hotel.seq, ("settings", hotel.id), _only(*_SETTINGS))


def booking(reading: Reading, actor: Actor, reference: str, *, after: str | None) -> EventSource:
    """[guest] Follow one booking.

    Raises:
        Forbidden: the caller is the guest of another booking.
        NotFound: there is no such booking, or it is another hotel's.
        BadUserInput: `after` was never a cursor.
        CursorExpired: the log does not hold what follows `after`.
    """
    followed = require_booking(reading, actor, reference)
    hotel = hotels_by_id(reading, [followed.hotel_id])[followed.hotel_id]

    def select(event: Event) -> Event | None:
        data = event.data
        is_of_booking = isinstance(data, catalogue.BookingEventData) and data.booking_id == reference
        return event if is_of_booking else None

    position = log.position(reading, hotel, after)
    return EventSource(hotel.id, position, hotel.seq, ("booking", hotel.id, reference), select)


def bookings(reading: Reading, actor: Actor, *, after: str | None) -> EventSource:
    """[staff] Follow all bookings of the hotel.

    Raises:
        BadUserInput: `after` was never a cursor.
        CursorExpired: the log does not hold what follows `after`.
    """
    hotel = own_hotel(reading, require_staff(actor))
    position = log.position(reading, hotel, after)
    return EventSource(
        hotel.id, position, hotel.seq, ("bookings", hotel.id), _only(catalogue.BookingEventData)
    )


def hotel_events(reading: Reading, actor: Actor, *, after: str | None) -> EventSource:
    """[staff] Follow everything that happens in the hotel.

    Raises:
        BadUserInput: `after` was never a cursor.
        CursorExpired: the log does not hold what follows `after`.
    """
    hotel = own_hotel(reading, require_staff(actor))
    position = log.position(reading, hotel, after)
    return EventSource(hotel.id, position, hotel.seq, ("hotel_events", hotel.id), _only(catalogue.EventData))


def _only(*kinds: type[catalogue.EventData]) -> Select:
    def select(event: Event) -> Event | None:
        return event if isinstance(event.data, kinds) else None

    return select


def _as_the_public_sees_offers(event: Event) -> Event | None:
    """To the public an offer exists while it is active: it appears and goes when that changes."""
    match event.data:
        case catalogue.OfferCreated(offer=offer):
            return event if offer.is_active else None
        case catalogue.OfferUpdated():
            return _as_the_public_sees_an_update(event, event.data)
        case catalogue.OfferDeleted(was_active=True) | catalogue.OfferImageUpdated(is_active=True):
            return event
        case _:
            return None


def _as_the_public_sees_an_update(event: Event, data: catalogue.OfferUpdated) -> Event | None:
    match data.was_active, data.offer.is_active:
        case True, True:
            return event
        case False, True:
            return replace(event, data=catalogue.OfferCreated(offer=data.offer))
        case True, False:
            deleted = catalogue.OfferDeleted(
                offer_id=data.offer.id, offer_title=data.offer.title, was_active=True
            )
            return replace(event, data=deleted)
        case _:
            return None
