"""How many sockets and event streams one address, and one caller, may have open."""

from collections.abc import Hashable

from hotelmate.errors import RateLimited
from hotelmate.identity.actors import Actor, GuestActor, StaffActor
from hotelmate.sockets.addresses import network_of
from hotelmate.sockets.places import NoPlaceError, Place, Places

COME_BACK_SECONDS = 30


class Capacity:
    """The places of one process."""

    def __init__(self, *, per_address: int, per_actor: int) -> None:
        self.addresses = Places("address", per_address)
        self.actors = Places("actor", per_actor)

    def from_address(self, address: str | None) -> Place:
        """Take a place for a connection from an address; without an address it is not counted.

        Raises:
            RateLimited: there are as many as there may be.
        """
        return _take(self.addresses, None if address is None else network_of(address))

    def of_actor(self, actor: Actor) -> Place:
        """Take a place for a caller's connection; an anonymous caller's is not counted.

        Raises:
            RateLimited: there are as many as there may be.
        """
        return _take(self.actors, _known_as(actor))


def _take(places: Places, who: Hashable | None) -> Place:
    try:
        return places.take(who)
    except NoPlaceError:
        message = "Too many connections are open; close some, or try again later."
        raise RateLimited(message, retry_after=COME_BACK_SECONDS) from None


def _known_as(actor: Actor) -> tuple[str, object] | None:
    match actor:
        case StaffActor(staff_id=staff_id):
            return "staff", staff_id
        case GuestActor(reference=reference):
            return "guest", reference
        case _:
            return None
