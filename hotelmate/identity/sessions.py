"""Log-in sessions: random tokens, kept only as hashes, that expire."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, select
from sqlmodel import col, delete

from hotelmate.database import Reading, Transaction, announce
from hotelmate.identity.actors import StaffActor
from hotelmate.identity.rights import SessionEnded
from hotelmate.models import LoginSession, Staff, User

# Made once, and run past the session: every caller is looked up again and again.
_ACTOR: Select[int, int, int, int, datetime] = (
    select(
        col(LoginSession.id).label("session_id"),
        col(Staff.id).label("staff_id"),
        col(Staff.user_id),
        col(Staff.hotel_id),
        col(LoginSession.expires_at),
    )
    .join(Staff, col(Staff.id) == LoginSession.staff_id)
    .join(User, col(User.id) == Staff.user_id)
    .where(
        col(LoginSession.token_hash) == bindparam("hash"),
        col(LoginSession.expires_at) > bindparam("at"),
        col(User.is_active),
    )
)


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
    row = reading.connection().execute(_ACTOR, {"hash": _hash(token), "at": at}).first()
    return None if row is None else StaffActor(**row._mapping)


def end(transaction: Transaction, session_id: int) -> None:
    """End a session, and with it what its holder has open."""
    transaction.exec(delete(LoginSession).where(col(LoginSession.id) == session_id))
    announce(transaction, SessionEnded(session_id))


def end_all(transaction: Transaction, staff_id: int) -> int:
    """End every session of a staff member, as `end` does; returns how many there were."""
    its_own = col(LoginSession.staff_id) == staff_id
    ended = transaction.exec(delete(LoginSession).where(its_own).returning(col(LoginSession.id)))
    session_ids = [session_id for (session_id,) in ended]
    for session_id in session_ids:
        announce(transaction, SessionEnded(session_id))
    return len(session_ids)


def _hash(token: str) -> str:
    # A token has 256 random bits, so a plain hash is as hard to reverse as a slow one.
    # JSON can carry half a surrogate pair, which is nobody's token, and no reason to fail.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
