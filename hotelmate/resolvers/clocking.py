"""Staff going on and off duty, and the record of their shifts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from hotelmate.database import Reading, Transaction, take_turn_with_staff
from hotelmate.errors import Conflict, NotFound, Unauthenticated
from hotelmate.events import log
from hotelmate.events.catalogue import ClockAction, ClockStatusUpdated
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.models import Hotel, Shift, Staff, User
from hotelmate.resolvers.paging import Page, page
from hotelmate.rows import ChangedRow, Write, changed_row, new_row, table_of

_CLOSE_SHIFT = (
    update(table_of(Shift))
    .where(col(Shift.staff_id) == bindparam("shift_of"), col(Shift.clock_out).is_(None))
    .values(clock_out=bindparam("shift_ends"))
)


class AlreadyOnDuty(Conflict):
    """The staff member has not clocked out since the last clock-in."""

    def __init__(self) -> None:
        super().__init__("You are on duty already.")


class NotOnDuty(Conflict):
    """The staff member has not clocked in since the last clock-out."""

    def __init__(self) -> None:
        super().__init__("You are not on duty.")


class NotOnTheStaff(Unauthenticated):
    """The caller was removed while this was under way."""

    def __init__(self) -> None:
        super().__init__("You are not on the staff any longer.")


@dataclass(frozen=True, slots=True)
class Clocked:
    """What happened at the clock."""

    staff: Staff
    action: ClockAction
    clock_time: datetime


def clock_in(transaction: Transaction, actor: Actor, *, at: datetime) -> Clocked:
    """[staff] Put the caller on duty and open a shift.

    Raises:
        AlreadyOnDuty: and so nothing to do.
        NotOnTheStaff: the caller was removed meanwhile.
    """
    hotel, staff = _caller(transaction, actor)
    if staff.is_on_duty:
        raise AlreadyOnDuty
    return _clock_in(transaction, hotel, staff, at)


def clock_out(transaction: Transaction, actor: Actor, *, at: datetime) -> Clocked:
    """[staff] Take the caller off duty and close the shift.

    Raises:
        NotOnDuty: and so nothing to do.
        NotOnTheStaff: the caller was removed meanwhile.
    """
    hotel, staff = _caller(transaction, actor)
    if not staff.is_on_duty:
        raise NotOnDuty
    return _clock_out(transaction, hotel, staff, at)


def toggle_clock(transaction: Transaction, actor: Actor, *, at: datetime) -> Clocked:
    """[staff] Clock the caller out when on duty, in when not.

    Raises:
        NotOnTheStaff: the caller was removed meanwhile.
    """
    hotel, staff = _caller(transaction, actor)
    return (_clock_out if staff.is_on_duty else _clock_in)(transaction, hotel, staff, at)


def take_off_duty(transaction: Transaction, staff: Staff, *, at: datetime) -> Clocked | None:
    """Clock somebody out on the operator's behalf; None when they are not on duty."""
    hotel, staff, _ = take_turn_with_staff(transaction, staff.id)
    return _clock_out(transaction, hotel, staff, at) if staff.is_on_duty else None


def staff_page(
    reading: Reading, actor: Actor, *, on_duty: bool | None, first: int, after: str | None
) -> Page[Staff]:
    """[staff] Return the hotel's staff by last, then first name; all, or those who are or are not on duty.

    Who was removed is not among them.

    Raises:
        BadUserInput: `first` or `after`.
    """
    statement = select(Staff).where(
        Staff.hotel_id == require_staff(actor).hotel_id, Staff.user_id == User.id, col(User.is_active)
    )
    if on_duty is not None:
        statement = statement.where(col(Staff.is_on_duty) == on_duty)
    return page(
        reading, statement, keys=(Staff.last_name, Staff.first_name, Staff.id), first=first, after=after
    )


def shift_page(
    reading: Reading,
    actor: Actor,
    *,
    staff_id: int | None,
    since: datetime | None,
    until: datetime | None,
    first: int,
    after: str | None,
) -> Page[Shift]:
    """[staff] Return shifts that began from `since` up to, but not at, `until`, newest first.

    Raises:
        NotFound: `staff_id` is nobody of this hotel.
        BadUserInput: `first` or `after`.
    """
    hotel_id = require_staff(actor).hotel_id
    statement = select(Shift).where(Shift.staff_id == Staff.id, Staff.hotel_id == hotel_id)
    if staff_id is not None:
        require_colleague(reading, actor, staff_id)
        statement = statement.where(Shift.staff_id == staff_id)
    if since is not None:
        statement = statement.where(col(Shift.clock_in) >= since)
    if until is not None:
        statement = statement.where(col(Shift.clock_in) < until)
    return page(
        reading, statement, keys=(Shift.clock_in, Shift.id), descending=True, first=first, after=after
    )


def staff_by_id(reading: Reading, ids: Collection[int]) -> dict[int, Staff]:
    """Return the staff members with these ids; whom there is not is absent."""
    return {row.id: row for row in reading.exec(select(Staff).where(col(Staff.id).in_(ids)))}


def require_colleague(reading: Reading, actor: Actor, staff_id: int) -> Staff:
    """[staff] Return the staff member of the caller's hotel with this id.

    Raises:
        NotFound: there is nobody.
    """
    statement = select(Staff).where(Staff.id == staff_id, Staff.hotel_id == require_staff(actor).hotel_id)
    staff = reading.exec(statement).first()
    if staff is None:
        raise NotFound("There is no such staff member.")
    return staff


def _caller(transaction: Transaction, actor: Actor) -> tuple[Hotel, Staff]:
    hotel, staff, is_active = take_turn_with_staff(transaction, require_staff(actor).staff_id)
    # Whose session it is was found out before the turn; nobody would close the shift of one removed since.
    if not is_active:
        raise NotOnTheStaff
    return hotel, staff


def _clock_in(transaction: Transaction, hotel: Hotel, staff: Staff, at: datetime) -> Clocked:
    # Of two calls at once the one that began first can get its turn last; shifts never overlap.
    at = max(at, staff.last_clock_out or at)
    on_duty = changed_row(staff, is_on_duty=True, last_clock_in=at)
    shift = new_row(Shift, staff_id=staff.id, clock_in=at)
    clocked = Clocked(staff, ClockAction.CLOCK_IN, at)
    return _record(transaction, hotel, clocked, on_duty, shift)


def _clock_out(transaction: Transaction, hotel: Hotel, staff: Staff, at: datetime) -> Clocked:
    at = max(at, staff.last_clock_in or at)
    off_duty = changed_row(staff, is_on_duty=False, last_clock_out=at)
    shift = ChangedRow(_CLOSE_SHIFT, {"shift_of": staff.id, "shift_ends": at})
    clocked = Clocked(staff, ClockAction.CLOCK_OUT, at)
    return _record(transaction, hotel, clocked, off_duty, shift)


def _record(transaction: Transaction, hotel: Hotel, clocked: Clocked, *changes: Write) -> Clocked:
    staff, at = clocked.staff, clocked.clock_time
    data = ClockStatusUpdated(
        user_id=staff.user_id,
        staff_id=staff.id,
        is_on_duty=staff.is_on_duty,
        clock_time=at,
        first_name=staff.first_name,
        last_name=staff.last_name,
        action=clocked.action,
    )
    log.record(transaction, hotel, data, at=at, along=changes)
    return clocked
