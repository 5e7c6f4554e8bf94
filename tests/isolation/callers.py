"""Whoever comes to killarney's doors, and there to those of the booking in the name of Grace O'Malley."""

from datetime import UTC, datetime, timedelta

from sqlmodel import select

from hotelmate.database import Database, Reading
from hotelmate.identity import sessions
from hotelmate.identity.actors import StaffActor
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.models import Booking, Hotel, Staff, User
from hotelmate.resolvers.bookings import renew_guest_token

CALLERS = (
    "anonymous",
    "expired session",
    "guest with a renewed token",
    "guest of another booking",
    "guest",
    "staff of another hotel",
    "staff",
)

GRACE, BRIAN, MAEVE = "Grace O'Malley", "Brian Boru", "Maeve Connacht"


def credentials(database: Database, guest_tokens: GuestTokens) -> dict[str, str | None]:
    """Return what each caller sends as `Authorization`."""
    now = datetime.now(UTC)
    with database.transaction() as transaction:
        anna = transaction.exec(select(Staff).join(User).where(User.username == "anna")).one()
        expired, _ = sessions.start(
            transaction, anna, lifetime=timedelta(hours=1), at=now - timedelta(hours=2)
        )
        actor = sessions.find(transaction, "demo-anna", at=now)
        assert isinstance(actor, StaffActor)
        grace = _booking_of(transaction, GRACE)
        renewed = guest_tokens.issue(grace.reference, grace.guest_token_nonce)
        renew_guest_token(transaction, actor, grace.reference)
        guest = guest_tokens.issue(grace.reference, grace.guest_token_nonce)
        brian = _booking_of(transaction, BRIAN)
        other = guest_tokens.issue(brian.reference, brian.guest_token_nonce)
    return {
        "anonymous": None,
        "expired session": f"Token {expired}",
        "guest with a renewed token": f"GuestToken {renewed}",
        "guest of another booking": f"GuestToken {other}",
        "guest": f"GuestToken {guest}",
        "staff of another hotel": "Token demo-carla",
        "staff": "Token demo-anna",
    }


def references(database: Database) -> dict[str, str]:
    """Return the references of killarney's bookings by what may be done with them."""
    with database.reading() as reading:
        return {
            "pending": _booking_of(reading, GRACE).reference,
            "confirmed": _booking_of(reading, BRIAN).reference,
            "checked_in": _booking_of(reading, MAEVE).reference,
        }


def _booking_of(reading: Reading, guest_name: str) -> Booking:
    in_killarney = select(Booking).join(Hotel).where(Hotel.slug == "killarney")
    return reading.exec(in_killarney.where(Booking.guest_name == guest_name)).one()
