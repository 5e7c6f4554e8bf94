"""Log-in sessions: random tokens, kept only as hashes, that expire."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import col, delete, select

from hotelmate.database import Reading, Transaction, announce
from hotelmate.identity.actors import StaffActor
from hotelmate.identity.rights import SessionEnded
from hotelmate.models import LoginSession, Staff, User


def start(
    transaction: Transaction, staff: Staff, *, lifetime: timedelta, at: datetime, token: str | None = None
) -> tuple[str, datetime]:
    """Begin a session for a staff member.

    Args:
        transaction: what it becomes part of.
        staff: who has logged in.
        lifetime: how long the session lasts.
        at: now.
        token: a token that must be known beforehand, as the demo's are; random when left out.

    Returns:
        The token, which is kept nowhere, and the time at which it stops working.
    """
    token = token or secrets.token_urlsafe(32)
    expires_at = at + lifetime
    transaction.add(
        LoginSession(token_hash=_hash(token), staff_id=staff.id, created_at=at, expires_at=expires_at)
    )
    transaction.exec(delete(LoginSession).where(col(LoginSession.expires_at) < at))
    return token, expires_at


def find(reading: Reading, token: str, *, at: datetime) -> StaffActor | None:
    """Return whom a session token stands for; None when it is unknown or ended."""
    statement = (
        select(LoginSession, Staff)
        .join(Staff, col(Staff.id) == LoginSession.staff_id)
        .join(User, col(User.id) == Staff.user_id)
        .where(
            LoginSession.token_hash == _hash(token),
            col(LoginSession.expires_at) > at,
            col(User.is_active),
        )
    )
    row = reading.exec(statement).first()
    if row is None:
        return None
    session, staff = row
    return StaffActor(
        session_id=session.id,
        staff_id=staff.id,
        user_id=staff.user_id,
        hotel_id=staff.hotel_id,
        expires_at=session.expires_at,
    )


def end(transaction: Transaction, session_id: int) -> None:
    """End a session, and with it what its holder has open."""
    transaction.exec(delete(LoginSession).where(col(LoginSession.id) == session_id))
    announce(transaction, SessionEnded(session_id))


def _hash(token: str) -> str:
    # A token has 256 random bits, so a plain hash is as hard to reverse as a slow one.
    # JSON can carry half a surrogate pair, which is nobody's token, and no reason to fail.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
