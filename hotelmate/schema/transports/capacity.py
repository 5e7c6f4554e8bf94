"""How many connections that last one address and one caller may have open: sockets and event streams."""

from collections.abc import Iterator
from contextlib import contextmanager

from hotelmate.errors import RateLimited
from hotelmate.identity.actors import Actor, GuestActor, StaffActor
from hotelmate.sockets.addresses import network_of
from hotelmate.sockets.places import NoPlaceError, Places

COME_BACK_SECONDS = 30


class Capacity:
    """The places of one process."""

    def __init__(self, *, per_address: int, per_actor: int) -> None:
        self.addresses = Places("address", per_address)
        self.actors = Places("actor", per_actor)

    @contextmanager
    def from_address(self, address: str | None) -> Iterator[None]:
        """Count a connection from an address while the block runs; from none, it is not counted.

        Raises:
            RateLimited: there are as many as there may be.
        """
        with _refusing(), self.addresses.taken(None if address is None else network_of(address)):
            yield

    @contextmanager
    def of_actor(self, actor: Actor) -> Iterator[None]:
        """Count a connection of a caller while the block runs; of nobody known, it is not counted.

        Raises:
            RateLimited: there are as many as there may be.
        """
        with _refusing(), self.actors.taken(_known_as(actor)):
            yield


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
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
