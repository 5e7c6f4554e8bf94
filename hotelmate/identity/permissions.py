"""Who may do what: the one place.

What belongs to another hotel is refused as if it did not exist; the operations do that by looking only in
the actor's own hotel. What is decided here is whether the caller is the right kind of caller.
"""

from hotelmate.errors import Forbidden, Unauthenticated
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.models import Booking


def require_staff(actor: Actor) -> StaffActor:
    """Return the actor as a staff member.

    Raises:
        Unauthenticated: nobody has logged in.
        Forbidden: the caller is a guest.
    """
    match actor:
        case StaffActor():
            return actor
        case GuestActor():
            raise Forbidden("Only staff may do this.")
        case Anonymous():
            raise Unauthenticated


def is_staff_of(actor: Actor, hotel_id: int) -> bool:
    """Whether the actor is on the staff of this hotel."""
    return isinstance(actor, StaffActor) and actor.hotel_id == hotel_id


def require_booking_access(actor: Actor, reference: str) -> StaffActor | GuestActor:
    """Return the actor as a staff member, or as the guest of the booking with this reference.

    Whether the booking is in the staff member's hotel is for `may_see_booking` to say once it is read.

    Raises:
        Unauthenticated: no credentials.
        Forbidden: a guest of another booking, whether or not this one exists.
    """
    match actor:
        case Anonymous():
            raise Unauthenticated
        case GuestActor() if actor.reference != reference:
            raise Forbidden("This guest token opens another booking.")
        case GuestActor() | StaffActor():
            return actor


def may_see_booking(actor: Actor, booking: Booking) -> bool:
    """Whether the actor is the booking's guest or on the staff of its hotel."""
    match actor:
        case GuestActor():
            return actor.reference == booking.reference
        case _:
            return is_staff_of(actor, booking.hotel_id)
