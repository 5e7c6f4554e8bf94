"""Bookings: reading them, making them, and the guest's key to one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from hotelmate.database import Reading, Transaction, announce, take_turn
from hotelmate.errors import BadUserInput, NotFound
from hotelmate.events import log
from hotelmate.events.catalogue import BookingCreated
from hotelmate.identity import audit
from hotelmate.identity.actors import Actor, Anonymous
from hotelmate.identity.guest_tokens import new_nonce, renewed_nonce
from hotelmate.identity.permissions import (
    is_staff_of,
    may_see_booking,
    require_booking_access,
    require_staff,
)
from hotelmate.identity.rights import GuestTokenRenewed
from hotelmate.models import AuditAction, Booking, BookingNumber, BookingStatus, Hotel, RoomType, reference_of
from hotelmate.resolvers import checks
from hotelmate.resolvers.checks import Check
from hotelmate.resolvers.hotels import require_hotel, today_in
from hotelmate.resolvers.paging import Page, page

_MOST_NIGHTS = 365

_CHECKS: Mapping[str, Check[object]] = {
    "room_type_id": checks.integer(at_least=1),
    "guest_name": checks.filled(at_most=checks.NAME),
    "guest_email": checks.email,
    "guest_phone": checks.stripped(at_most=checks.PHONE),
    "arrival": checks.day,
    "departure": checks.day,
    "adults": checks.integer(at_least=1),
    "children": checks.integer(at_least=0),
    "special_requests": checks.text(at_most=checks.LONG_TEXT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDraft:
    """What a new booking is made of; the last night is the one before the departure."""

    room_type_id: int
    guest_name: str
    guest_email: str
    arrival: date
    departure: date
    guest_phone: str = ""
    adults: int = 1
    children: int = 0
    special_requests: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFilter:
    """Which bookings to list; what is left out does not restrict. Both arrival days are included."""

    statuses: tuple[BookingStatus, ...] = ()
    arriving_from: date | None = None
    arriving_to: date | None = None
    search: str | None = None


def get_booking(reading: Reading, actor: Actor, reference: str) -> Booking | None:
    """[guest] Return the booking with this reference, if the caller may know of it.

    Raises:
        Unauthenticated: the caller is anonymous.
        Forbidden: the caller is the guest of another booking.
    """
    require_booking_access(actor, reference)
    if not checks.is_storable(reference):
        return None
    booking = reading.exec(select(Booking).where(Booking.reference == reference)).first()
    return booking if booking is not None and may_see_booking(actor, booking) else None


def require_booking(reading: Reading, actor: Actor, reference: str) -> Booking:
    """[guest] Return the booking with this reference.

    Raises:
        Unauthenticated: the caller is anonymous.
        Forbidden: the caller is the guest of another booking.
        NotFound: there is none, or it is another hotel's.
    """
    booking = get_booking(reading, actor, reference)
    if booking is None:
        raise NotFound("There is no such booking.")
    return booking


def booking_page(
    reading: Reading, actor: Actor, wanted: BookingFilter, *, first: int, after: str | None
) -> Page[Booking]:
    """[staff] Return the hotel's bookings, newest first.

    Raises:
        BadUserInput: `search`, `first` or `after`.
    """
    statement = select(Booking).where(Booking.hotel_id == require_staff(actor).hotel_id)
    if wanted.statuses:
        statement = statement.where(col(Booking.status).in_(wanted.statuses))
    if wanted.arriving_from is not None:
        statement = statement.where(col(Booking.arrival) >= wanted.arriving_from)
    if wanted.arriving_to is not None:
        statement = statement.where(col(Booking.arrival) <= wanted.arriving_to)
    if wanted.search is not None:
        search = checks.stripped(at_most=checks.NAME)("search", wanted.search)
        searched = (Booking.reference, Booking.guest_name, Booking.guest_email)
        statement = statement.where(or_(*(col(text).icontains(search, autoescape=True) for text in searched)))
    return page(reading, statement, keys=(Booking.id,), descending=True, first=first, after=after)


def all_bookings(reading: Reading, actor: Actor) -> list[Booking]:
    """[staff] Return every booking of the hotel, newest first: the list that the legacy frontends know."""
    of_hotel = select(Booking).where(Booking.hotel_id == require_staff(actor).hotel_id)
    return list(reading.exec(of_hotel.order_by(col(Booking.id).desc())))


def create_booking(
    transaction: Transaction,
    hotel_slug: str,
    draft: BookingDraft,
    *,
    actor: Actor = Anonymous(),  # noqa: B008 - frozen
    at: datetime,
) -> Booking:
    """[public] Request a stay; whether a room is free shows when one is assigned.

    Raises:
        NotFound: there is no such hotel.
        BadUserInput: the field that cannot be accepted.
    """
    hotel = take_turn(transaction, require_hotel(transaction, hotel_slug).id)
    today = today_in(hotel, at)
    stay = replace(draft, **checks.accept(asdict(draft), _CHECKS))
    _require_dates(stay, today=today)
    _require_room_for_guests(transaction, hotel, stay)
    booking = Booking(
        hotel_id=hotel.id,
        reference=next_reference(transaction, today.year),
        guest_token_nonce=new_nonce(),
        created_at=at,
        **asdict(stay),
    )
    transaction.add(booking)
    data = BookingCreated(booking_id=booking.reference, status=booking.status)
    log.record(transaction, hotel, data, at=at)
    # Staff of another hotel are strangers here, and their names not for this one.
    known = actor if is_staff_of(actor, hotel.id) else Anonymous()
    audit.record(
        transaction, AuditAction.BOOKING_CREATED, known, hotel_id=hotel.id, subject=booking.reference
    )
    return booking


def renew_guest_token(transaction: Transaction, actor: Actor, reference: str) -> Booking:
    """[staff] Give the booking a new guest token; the old one stops working, and what is open under it ends.

    Raises:
        NotFound: the hotel has no such booking.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    booking = require_booking(transaction, actor, reference)
    audit.record(transaction, AuditAction.GUEST_TOKEN_RENEWED, actor, hotel_id=hotel.id, subject=reference)
    announce(transaction, GuestTokenRenewed(booking.reference, booking.guest_token_nonce))
    booking.guest_token_nonce = renewed_nonce()
    transaction.add(booking)
    return booking


def next_reference(transaction: Transaction, year: int) -> str:
    """Return the reference of the next booking of a year.

    All hotels count together. A number whose transaction is rolled back is given again.
    """
    dialect = sqlite if transaction.get_bind().dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(BookingNumber)
        .values(year=year, last=1)
        .on_conflict_do_update(index_elements=["year"], set_={"last": col(BookingNumber.last) + 1})
        .returning(col(BookingNumber.last))
    )
    return reference_of(year, transaction.exec(statement).scalar_one())


def shows_wifi(actor: Actor, booking: Booking) -> bool:
    """Whether the caller may see the guests' WiFi with this booking: its guest only during the stay."""
    if is_staff_of(actor, booking.hotel_id):
        return True
    return may_see_booking(actor, booking) and booking.status is BookingStatus.CHECKED_IN


def _require_dates(stay: BookingDraft, *, today: date) -> None:
    if stay.arrival < today:
        raise BadUserInput("arrival", "The arrival must not be in the past.")
    if stay.departure <= stay.arrival:
        raise BadUserInput("departure", "The departure must be after the arrival.")
    if (stay.departure - stay.arrival).days > _MOST_NIGHTS:
        raise BadUserInput("departure", f"A stay has at most {_MOST_NIGHTS} nights.")


def _require_room_for_guests(transaction: Transaction, hotel: Hotel, stay: BookingDraft) -> None:
    of_hotel = select(RoomType).where(RoomType.id == stay.room_type_id, RoomType.hotel_id == hotel.id)
    room_type = transaction.exec(of_hotel).first()
    if room_type is None:
        raise BadUserInput("roomTypeId", "The hotel has no such room type.")
    if stay.adults + stay.children > room_type.max_occupancy:
        raise BadUserInput("adults", f"The room is for up to {room_type.max_occupancy} guests.")
