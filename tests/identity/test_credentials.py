"""What a caller sends says who it is, or is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.errors import Unauthenticated
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.identity.credentials import authenticate, authenticate_guest
from hotelmate.identity.guest_tokens import GuestTokens, new_nonce
from hotelmate.models import Booking, Hotel

TOKENS = GuestTokens(b"k" * 32)


def named(database: Database, header: str | None, *, at: datetime | None = None) -> Actor:
    with database.reading() as reading:
        return authenticate(reading, header, guest_tokens=TOKENS, at=at or datetime.now(UTC))


@pytest.fixture
def booking(database: Database, killarney: Hotel) -> Booking:
    with database.reading() as reading:
        return reading.exec(select(Booking).where(Booking.hotel_id == killarney.id).limit(1)).one()


def token_of(booking: Booking) -> str:
    return TOKENS.issue(booking.reference, booking.guest_token_nonce)


def test_without_credentials_a_caller_is_anonymous(database: Database) -> None:
    assert named(database, None) == Anonymous()
    assert named(database, "") == Anonymous()


def test_a_session_token_names_its_staff_member_under_either_scheme(
    database: Database, killarney: Hotel
) -> None:
    for header in ("Token demo-anna", "Bearer demo-anna", "bearer  demo-anna ", "TOKEN demo-anna"):
        actor = named(database, header)
        assert isinstance(actor, StaffActor)
        assert actor.hotel_id == killarney.id


def test_a_guest_token_names_its_guest_under_any_scheme(database: Database, booking: Booking) -> None:
    guest = GuestActor(booking.reference, booking.hotel_id, booking.guest_token_nonce)
    for scheme in ("GuestToken", "guesttoken", "Bearer", "Token"):
        assert named(database, f"{scheme} {token_of(booking)}") == guest


def test_a_header_that_is_not_understood_is_refused(database: Database) -> None:
    for header in ("demo-anna", "Token", "Token ", "Basic YW5uYTpkZW1v", " ", "Tokendemo-anna"):
        with pytest.raises(Unauthenticated):
            named(database, header)


def test_a_token_that_opens_nothing_is_refused(database: Database) -> None:
    for header in ("Token nobody", "GuestToken demo-anna", "GuestToken \ud800", "Token \ud800", "Token \0"):
        with pytest.raises(Unauthenticated):
            named(database, header)


def test_a_session_that_has_expired_is_refused(database: Database) -> None:
    with pytest.raises(Unauthenticated):
        named(database, "Token demo-anna", at=datetime.now(UTC) + timedelta(days=3651))


def test_the_token_of_another_booking_a_forged_and_an_unknown_one_are_refused_alike(
    database: Database, booking: Booking
) -> None:
    signature = token_of(booking).partition(".")[2]
    wrong = [
        f"{booking.reference[:-1]}9.{signature}",
        GuestTokens(b"x" * 32).issue(booking.reference, booking.guest_token_nonce),
        TOKENS.issue(booking.reference, ""),
        TOKENS.issue("BK-2040-9999", ""),
        TOKENS.issue("", ""),
    ]
    messages = set()
    for token in wrong:
        with pytest.raises(Unauthenticated) as refused, database.reading() as reading:
            authenticate_guest(reading, token, guest_tokens=TOKENS)
        messages.add(refused.value.message)
    assert len(messages) == 1


def test_a_renewed_token_works_in_place_of_the_old_one(database: Database, booking: Booking) -> None:
    old = token_of(booking)
    with database.transaction() as transaction:
        transaction.get_one(Booking, booking.id).guest_token_nonce = nonce = new_nonce()
    with pytest.raises(Unauthenticated):
        named(database, f"GuestToken {old}")
    renewed = TOKENS.issue(booking.reference, nonce)
    assert named(database, f"GuestToken {renewed}") == GuestActor(booking.reference, booking.hotel_id, nonce)
