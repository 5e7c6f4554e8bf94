"""Bookings, looked up by whoever runs the server."""

from sqlmodel import select

from hotelmate.database import Reading
from hotelmate.errors import NotFound
from hotelmate.models import Booking


def any_booking(reading: Reading, reference: str) -> Booking:
    """Return a booking of whichever hotel.

    Raises:
        NotFound: there is no such booking.
    """
    found = reading.exec(select(Booking).where(Booking.reference == reference)).first()
    if found is None:
        raise NotFound(f"There is no booking {reference!r}.")
    return found
