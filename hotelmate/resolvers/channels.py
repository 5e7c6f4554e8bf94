"""Who may join which Pusher channel, and as whom the others there see them.

A name that is not exactly one of ours is refused, public channels included: they need no leave to join, and a
signature for one could be meant for something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import select

from hotelmate.bridge.names import ChannelKind, ChannelName, parse
from hotelmate.database import Reading
from hotelmate.errors import Forbidden, Unauthenticated
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.models import Staff
from hotelmate.resolvers.bookings import get_booking
from hotelmate.resolvers.hotels import hotels_by_id


@dataclass(frozen=True, slots=True)
class Member:
    """Someone as Pusher knows them."""

    user_id: str
    user_info: Mapping[str, str]


class NotYourChannel(Forbidden):
    """The channel is not for this caller, or there is none of this name."""

    def __init__(self) -> None:
        super().__init__("You may not join this channel.")


def admit(reading: Reading, actor: Actor, channel: str) -> Member | None:
    """Let the caller join a channel.

    Returns:
        As whom, on a presence channel; None on a private one, which has no members.

    Raises:
        Unauthenticated: the caller is anonymous.
        NotYourChannel: not this caller, or not this channel.
    """
    if isinstance(actor, Anonymous):
        raise Unauthenticated
    match parse(channel):
        case ChannelName(ChannelKind.PRIVATE_HOTEL, slug) if _is_staff_of(reading, actor, slug):
            return None
        case ChannelName(ChannelKind.PRESENCE_HOTEL, slug) if _is_staff_of(reading, actor, slug):
            return member(reading, actor)
        case ChannelName(ChannelKind.PRIVATE_BOOKING, reference) if _may_follow(reading, actor, reference):
            return None
        case _:
            raise NotYourChannel


def member(reading: Reading, actor: Actor) -> Member:
    """Return whom Pusher knows the caller as.

    Raises:
        Unauthenticated: the caller is anonymous.
    """
    match actor:
        case StaffActor():
            staff = reading.exec(select(Staff).where(Staff.id == actor.staff_id)).one()
            names = {"first_name": staff.first_name, "last_name": staff.last_name}
            return Member(str(actor.user_id), names)
        case GuestActor():
            return Member(f"guest-{actor.reference}", {})
        case Anonymous():
            raise Unauthenticated


def require_hotel_of(reading: Reading, actor: Actor, slug: str) -> None:
    """Let through whoever belongs to the hotel with this slug, as staff or as a guest.

    Raises:
        Unauthenticated: the caller is anonymous.
        Forbidden: the caller belongs to another hotel.
    """
    if isinstance(actor, Anonymous):
        raise Unauthenticated
    if _hotel_slug(reading, actor) != slug:
        raise Forbidden("This is not your hotel.")


def _is_staff_of(reading: Reading, actor: StaffActor | GuestActor, slug: str) -> bool:
    return isinstance(actor, StaffActor) and _hotel_slug(reading, actor) == slug


def _may_follow(reading: Reading, actor: StaffActor | GuestActor, reference: str) -> bool:
    if isinstance(actor, GuestActor):
        return actor.reference == reference
    return get_booking(reading, actor, reference) is not None


def _hotel_slug(reading: Reading, actor: StaffActor | GuestActor) -> str:
    return hotels_by_id(reading, [actor.hotel_id])[actor.hotel_id].slug
