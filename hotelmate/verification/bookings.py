"""Every booking has gone the way that its events say, and stands where the last one left it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from hotelmate.database import Reading
from hotelmate.events.catalogue import (
    BookingCheckedIn,
    BookingCheckedOut,
    BookingCreated,
    BookingEventData,
    BookingRoomAssigned,
    BookingStatusChanged,
)
from hotelmate.models import Booking, BookingStatus, Hotel, Room
from hotelmate.verification.findings import Hole, HoleKind
from hotelmate.verification.recorded import (
    Events,
    Recorded,
    data_field,
    events_by_subject,
    stream,
    with_events,
)

_KINDS = (
    BookingCreated,
    BookingStatusChanged,
    BookingRoomAssigned,
    BookingCheckedIn,
    BookingCheckedOut,
)
_TIMES = ("created_at", "room_assigned_at", "checked_in_at", "checked_out_at", "cancelled_at")


@dataclass(slots=True)
class Story:
    """What a booking's events say of where it stands, as far as they tell; `times` are of its columns."""

    seq: int = 0
    status: BookingStatus | None = None
    room_number: str | None = None
    times: dict[str, datetime] = field(default_factory=dict)

    def take(self, event: Recorded) -> bool:
        """Go on with the next event, and return whether it fits what was before it."""
        self.seq, fits = event.seq, True
        match event.data:
            case BookingCreated(status=status):
                self.status, self.times["created_at"] = status, event.occurred_at
            case BookingStatusChanged(status=status, previous_status=previous):
                fits = self.status in {None, previous}
                self.status = status
                if status is BookingStatus.CANCELLED:
                    self.times["cancelled_at"] = event.occurred_at
            case BookingRoomAssigned(room_number=number):
                self.room_number, self.times["room_assigned_at"] = number, event.occurred_at
            case BookingCheckedIn(checked_in_at=at):
                self.times["checked_in_at"] = at
            case BookingCheckedOut(checked_out_at=at):
                self.times["checked_out_at"] = at
        return fits


def booking_holes(reading: Reading, hotel: Hotel, *, unreadable: Collection[int]) -> Iterator[Hole]:
    """Go through a hotel's bookings and what its log says of them."""
    statement = (
        select(Booking, col(Room.number))
        .outerjoin(Room, col(Room.id) == col(Booking.room_id))
        .where(col(Booking.hotel_id) == hotel.id)
        .order_by(col(Booking.id))
    )
    # Events know a booking by its reference.
    booking_id = (
        select(col(Booking.id))
        .where(
            col(Booking.reference) == data_field(reading, "booking_id").as_string(),
            col(Booking.hotel_id) == hotel.id,
        )
        .scalar_subquery()
    )
    rows = stream(reading, statement)
    by_subject = events_by_subject(reading, hotel.id, _KINDS, booking_id, leaving_out=unreadable)
    for row, events in with_events(rows, by_subject, id_of=lambda row: int(row[0].id)):
        kind_and_words = _of_nothing(events) if row is None else _of(hotel, row[0], row[1], events)
        yield from (Hole(kind, hotel.slug, says) for kind, says in kind_and_words)


def _of_nothing(events: Events) -> Iterator[tuple[HoleKind, str]]:
    for event in events:
        assert isinstance(event.data, BookingEventData)  # noqa: S101 - the only kinds asked for
        says = f"event {event.seq} is about booking {event.data.booking_id}, which is not there"
        yield HoleKind.STATE_DIFFERS, says


def _of(
    hotel: Hotel, booking: Booking, room_number: str | None, events: Events
) -> Iterator[tuple[HoleKind, str]]:
    story, name = Story(), f"booking {booking.reference}"
    for event in events:
        before = story.status
        if not story.take(event):
            says = f"{name} was {before}, and event {event.seq} takes it from another status"
            yield HoleKind.CHANGE_UNRECORDED, says
    for column in _TIMES:
        at, told_at = getattr(booking, column), story.times.get(column)
        if told_at is None and at is not None and at > hotel.log_complete_after:
            yield HoleKind.CHANGE_UNRECORDED, f"{column} of {name} has no event"
        elif told_at is not None and told_at != at:
            yield HoleKind.STATE_DIFFERS, f"{column} of {name} is not what its events up to {story.seq} say"
    if story.status not in {None, booking.status}:
        yield (
            HoleKind.STATE_DIFFERS,
            f"{name} is {booking.status}, and event {story.seq} left it {story.status}",
        )
    if story.room_number not in {None, room_number}:
        says = f"{name} has room {room_number}, and its events say {story.room_number}"
        yield HoleKind.STATE_DIFFERS, says
