"""Staff and their log-ins, looked after by whoever runs the server."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from hotelmate.database import Reading, Transaction
from hotelmate.errors import BadUserInput, Conflict, NotFound
from hotelmate.identity import audit, sessions
from hotelmate.identity.passwords import hash_password
from hotelmate.models import AuditAction, Staff, User
from hotelmate.resolvers import checks, clocking
from hotelmate.resolvers.administration.hotels import any_hotel

_USERNAME = re.compile(r"[^\s\0]{1,150}")
_SHORTEST_PASSWORD = 8

_username = checks.matching(_USERNAME, "A user name has no spaces, and up to 150 characters.", at_most=150)
_person = checks.filled(at_most=100)


class UsernameTaken(Conflict):
    """Another user has this name."""


class NotRemoved(Conflict):
    """Somebody who is to be taken back is on the staff."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What came of taking somebody off the staff."""

    sessions_ended: int
    clocked_out: bool


def staff_of(reading: Reading, slug: str) -> list[tuple[User, Staff]]:
    """Return a hotel's staff with their users, by last then first name.

    Raises:
        NotFound: there is no such hotel.
    """
    statement = (
        select(User, Staff)
        .join(Staff, col(Staff.user_id) == User.id)
        .where(Staff.hotel_id == any_hotel(reading, slug).id)
        .order_by(col(Staff.last_name), col(Staff.first_name), col(Staff.id))
    )
    return list(reading.exec(statement))


def create_staff(
    transaction: Transaction, *, slug: str, username: str, password: str, first_name: str, last_name: str
) -> Staff:
    """Make a user who is on the staff of a hotel.

    Raises:
        NotFound: there is no such hotel.
        BadUserInput: `username`, `password`, `firstName` or `lastName`.
        UsernameTaken: another user has this name.
    """
    hotel_id = any_hotel(transaction, slug).id
    username = _username("username", username)
    if transaction.exec(select(User).where(User.username == username)).first() is not None:
        raise UsernameTaken(f"There is a user {username!r} already.")
    user = User(username=username, password_hash=hash_password(_password(password)))
    transaction.add(user)
    transaction.flush()
    staff = Staff(
        user_id=user.id,
        hotel_id=hotel_id,
        first_name=_person("firstName", first_name),
        last_name=_person("lastName", last_name),
    )
    transaction.add(staff)
    transaction.flush()
    _record(transaction, AuditAction.STAFF_CREATED, user, staff)
    return staff


def issue_token(
    transaction: Transaction, username: str, *, lifetime: timedelta, at: datetime
) -> tuple[str, datetime]:
    """Begin a session for a user without the password; returns the token and when it expires.

    Raises:
        NotFound: there is no such user, or not on any staff any longer.
    """
    user, staff = _active_user(transaction, username)
    _record(transaction, AuditAction.TOKEN_ISSUED, user, staff)
    return sessions.start(transaction, staff, lifetime=lifetime, at=at)


def set_password(transaction: Transaction, username: str, password: str) -> int:
    """Replace a user's password and end every session of theirs; returns how many those were.

    Raises:
        NotFound: there is no such user, or not on any staff any longer.
        BadUserInput: `password`.
    """
    user, staff = _active_user(transaction, username)
    user.password_hash = hash_password(_password(password))
    transaction.add(user)
    _record(transaction, AuditAction.PASSWORD_SET, user, staff)
    return sessions.end_all(transaction, staff.id)


def remove_staff(transaction: Transaction, username: str, *, at: datetime) -> Removed:
    """Take somebody off the staff: nobody logs in as them, and what they have open ends.

    What they did stays, under their name, which nobody else can have. Doing it again does no harm.

    Raises:
        NotFound: there is no such user, or not on any staff.
    """
    user, staff = _user(transaction, username)
    # In the hotel's turn: of a clock-in at the same time it is known whether it came before.
    clocked = clocking.take_off_duty(transaction, staff, at=at)
    user.is_active = False
    transaction.add(user)
    _record(transaction, AuditAction.STAFF_REMOVED, user, staff)
    return Removed(sessions_ended=sessions.end_all(transaction, staff.id), clocked_out=clocked is not None)


def restore_staff(transaction: Transaction, username: str) -> Staff:
    """Take somebody back who was removed; the password is what it was.

    Raises:
        NotFound: there is no such user, or not on any staff.
        NotRemoved: they are on the staff.
    """
    user, staff = _user(transaction, username)
    if user.is_active:
        raise NotRemoved(f"{username} is on the staff.")
    user.is_active = True
    transaction.add(user)
    _record(transaction, AuditAction.STAFF_RESTORED, user, staff)
    return staff


def _record(transaction: Transaction, action: AuditAction, user: User, staff: Staff) -> None:
    audit.record(transaction, action, audit.OPERATOR, hotel_id=staff.hotel_id, subject=user.username)


def _user(reading: Reading, username: str) -> tuple[User, Staff]:
    statement = select(User, Staff).join(Staff, col(Staff.user_id) == User.id)
    row = reading.exec(statement.where(User.username == username)).first()
    if row is None:
        raise NotFound(f"There is nobody called {username!r} on any staff.")
    user, staff = row
    return user, staff


def _active_user(reading: Reading, username: str) -> tuple[User, Staff]:
    user, staff = _user(reading, username)
    if not user.is_active:
        raise NotFound(f"{username} was removed; `hotelmate staff restore {username}` takes them back.")
    return user, staff


def _password(password: str) -> str:
    if len(password) < _SHORTEST_PASSWORD:
        raise BadUserInput("password", f"A password has at least {_SHORTEST_PASSWORD} characters.")
    return password
