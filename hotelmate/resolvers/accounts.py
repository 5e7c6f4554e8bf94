"""Logging in and out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from hotelmate.database import Database, Reading, Transaction
from hotelmate.errors import Unauthenticated
from hotelmate.identity import audit, passwords, sessions
from hotelmate.identity.actors import Actor, Anonymous
from hotelmate.identity.permissions import require_staff
from hotelmate.identity.rates import Allowance
from hotelmate.models import AuditAction, Staff, User
from hotelmate.resolvers import checks

_USERNAME = checks.text(at_most=150)
# Hashing takes the longer the more there is, and nobody has a megabyte.
_PASSWORD = checks.text(at_most=1_000)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session that has begun; the token is kept nowhere else."""

    token: str
    expires_at: datetime
    staff: Staff


class WrongCredentials(Unauthenticated):
    """Nobody has this name with this password; which of the two is wrong is not told."""

    def __init__(self) -> None:
        super().__init__("The user name or the password is wrong.")


def log_in(
    database: Database,
    username: str,
    password: str,
    *,
    allowance: Allowance,
    lifetime: timedelta,
    at: datetime,
) -> LoggedIn:
    """Begin a session for the staff member with this name and password.

    Takes the database rather than a transaction: checking a password takes long, and nobody may wait for it.

    Raises:
        WrongCredentials: the name is unknown or not in use, or the password is not its own.
        BadUserInput: `username` or `password` could be nobody's.
        RateLimited: too many attempts; whether this one is right is not looked at.
    """
    username = _USERNAME("username", username)
    password = _PASSWORD("password", password)
    allowance.spend_log_in(username)
    with database.reading() as reading:
        found = _staff_with_user(reading, username)
    kept = found[1].password_hash if found else None
    try:
        if not passwords.verify_password(password, kept) or kept is None:
            raise WrongCredentials  # noqa: TRY301 - there is a second one below
        allowance.forgive_log_in(username)
        renewed = passwords.hash_password(password) if passwords.needs_rehash(kept) else kept
        with database.transaction() as transaction:
            return _begin(transaction, username, kept, renewed, lifetime=lifetime, at=at)
    except WrongCredentials:
        # Whether or not anybody has this name, so that both take as long.
        with database.transaction() as transaction:
            _record_failure(transaction, found)
        raise


def log_out(transaction: Transaction, actor: Actor) -> None:
    """[staff] End the session that the caller came with, and what is open under it."""
    staff = require_staff(actor)
    sessions.end(transaction, staff.session_id)
    audit.record(transaction, AuditAction.LOGGED_OUT, staff, hotel_id=staff.hotel_id)


def _begin(
    transaction: Transaction, username: str, verified: str, renewed: str, *, lifetime: timedelta, at: datetime
) -> LoggedIn:
    # Between the check and now the password may have been changed, or the user taken out of use.
    found = _staff_with_user(transaction, username)
    if found is None or found[1].password_hash != verified:
        raise WrongCredentials
    staff, user = found
    user.password_hash = renewed
    transaction.add(user)
    token, expires_at = sessions.start(transaction, staff, lifetime=lifetime, at=at)
    audit.record(
        transaction,
        AuditAction.LOGGED_IN,
        Anonymous(),
        hotel_id=staff.hotel_id,
        staff_id=staff.id,
        subject=username,
    )
    return LoggedIn(token, expires_at, staff)


def _record_failure(transaction: Transaction, tried: tuple[Staff, User] | None) -> None:
    hotel_id, username = (tried[0].hotel_id, tried[1].username) if tried else (None, None)
    audit.record(transaction, AuditAction.LOG_IN_FAILED, Anonymous(), hotel_id=hotel_id, subject=username)


def _staff_with_user(reading: Reading, username: str) -> tuple[Staff, User] | None:
    statement = select(Staff, User).where(
        User.id == Staff.user_id, User.username == username, col(User.is_active)
    )
    return reading.exec(statement).first()
