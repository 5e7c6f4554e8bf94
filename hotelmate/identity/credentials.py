"""From what a caller sends to the actor that it proves."""

from datetime import datetime

from sqlmodel import select

from hotelmate.database import Reading
from hotelmate.errors import Unauthenticated
from hotelmate.identity import sessions
from hotelmate.identity.actors import Actor, Anonymous, GuestActor
from hotelmate.identity.guest_tokens import GuestTokens, reference_in
from hotelmate.models import Booking

_SCHEMES = ("token", "bearer", "guesttoken")


def authenticate(reading: Reading, header: str | None, *, guest_tokens: GuestTokens, at: datetime) -> Actor:
    """Return whoever an `Authorization` header names; anonymous without one.

    `Token` and `Bearer` mean the same, and carry guest tokens too: the legacy booking page sends its guest
    token as `Bearer`.

    Raises:
        Unauthenticated: the header is not understood, or its token opens nothing (any more).
    """
    if not header:
        return Anonymous()
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() not in _SCHEMES or not token:
        raise Unauthenticated("Send 'Authorization: Token …', 'Bearer …' or 'GuestToken …'.")
    if scheme.lower() == "guesttoken" or reference_in(token):
        return authenticate_guest(reading, token, guest_tokens=guest_tokens)
    actor = sessions.find(reading, token, at=at)
    if actor is None:
        raise Unauthenticated("This session has ended; log in again.")
    return actor


def authenticate_guest(reading: Reading, token: str, *, guest_tokens: GuestTokens) -> GuestActor:
    """Return the guest whose booking the token opens.

    Raises:
        Unauthenticated: it is no guest token, or it has been renewed since.
    """
    booking = reading.exec(select(Booking).where(Booking.reference == reference_in(token))).first()
    # An unknown booking is compared as well, so that the time taken does not tell which references exist.
    reference, nonce = (booking.reference, booking.guest_token_nonce) if booking else ("", "")
    if not guest_tokens.is_valid(token, reference, nonce) or booking is None:
        raise Unauthenticated("This guest token does not work, or no longer.")
    return GuestActor(booking.reference, booking.hotel_id, booking.guest_token_nonce)
