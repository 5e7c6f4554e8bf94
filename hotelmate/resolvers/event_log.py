"""Reading a hotel's event log."""

from hotelmate.database import Reading
from hotelmate.events import log
from hotelmate.events.log import Event
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.resolvers.checks import integer
from hotelmate.resolvers.hotels import own_hotel

_MOST_EVENTS = 500


def events_after(reading: Reading, actor: Actor, *, after: str | None, first: int) -> list[Event]:
    """[staff] Return the hotel's events after a cursor, oldest first; without one, from the first still kept.

    Raises:
        BadUserInput: `first` is not 0 to 500, or `after` was never a cursor.
        CursorExpired: the log does not hold what follows `after`.
    """
    hotel = own_hotel(reading, require_staff(actor))
    limit = integer(at_least=0, at_most=_MOST_EVENTS)("first", first)
    position = 0 if after is None else log.position(reading, hotel, after)
    return log.read(reading, hotel.id, after=position, limit=limit)
