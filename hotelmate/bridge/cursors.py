"""How far each hotel's events have gone to Pusher, and the right to carry them on.

Whoever holds a hotel's lease sends its events; all others leave them alone. A lease that runs out can be
taken over, and its token is then the next one: the holder of before, however late it wakes, moves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from hotelmate.bridge.timing import has_come
from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.models import BridgeCursor, Hotel


class LeaseLost(Exception):
    """Another process carries this hotel's events on."""


@dataclass(slots=True)
class Lease:
    """The right to carry a hotel's events on from where they stood when it was taken.

    `until` and `is_held` are what its holder knows of it; another may have taken the hotel over.
    """

    hotel_id: int
    token: int
    delivered_seq: int
    until: datetime
    is_held: bool = True


def due_hotels(reading: Reading, *, owner: str, at: datetime) -> list[int]:
    """Return the hotels with events to send that no other owner is sending and that are not put off."""
    return list(reading.exec(_due(owner, at)))


def is_due(reading: Reading, *, hotel_id: int, owner: str, at: datetime) -> bool:
    """Whether a hotel is one of them."""
    return reading.exec(_due(owner, at).where(col(Hotel.id) == hotel_id)).first() is not None


def take(
    transaction: Transaction, *, hotel_id: int, owner: str, at: datetime, until: datetime
) -> Lease | None:
    """Take a hotel's lease; None when another holds it, or the hotel is put off."""
    _ensure_cursor(transaction, hotel_id)
    statement = (
        update(BridgeCursor)
        .where(col(BridgeCursor.hotel_id) == hotel_id, _is_free(owner, at))
        .values(lease_owner=owner, lease_until=until, lease_token=col(BridgeCursor.lease_token) + 1)
        .returning(col(BridgeCursor.lease_token), col(BridgeCursor.delivered_seq))
        .execution_options(synchronize_session=False)
    )
    row = transaction.exec(statement).first()
    if row is None:
        return None
    token, delivered_seq = row
    return Lease(hotel_id, token, delivered_seq, until)


def move(transaction: Transaction, lease: Lease, *, to: int, until: datetime, is_last: bool = False) -> bool:
    """Note that everything up to the number `to` has been dealt with, and hold the lease until a time.

    With `is_last`, it is given back instead unless more has been recorded.

    Returns:
        Whether the lease is still held.

    Raises:
        LeaseLost: nothing was changed.
    """
    holds = not is_last or transaction.exec(select(Hotel.seq).where(Hotel.id == lease.hotel_id)).one() > to
    done = {"delivered_seq": to, "attempts": 0, "next_try_at": None, "last_error": None}
    _change(transaction, lease, {**done, **_held(until if holds else None)})
    return holds


def renew(transaction: Transaction, lease: Lease, *, until: datetime) -> None:
    """Hold a lease for longer.

    Raises:
        LeaseLost: nothing was changed.
    """
    _change(transaction, lease, _held(until))


def put_off(
    transaction: Transaction,
    lease: Lease,
    *,
    at: datetime,
    pause_after: Callable[[int], timedelta],
    error: str,
) -> datetime:
    """Note that the next events could not be sent, and give the lease back; the place is kept.

    Args:
        transaction: what it becomes part of.
        lease: whose hotel it is about.
        at: now.
        pause_after: how long to wait after so many failures in a row.
        error: what went wrong, for staff to read.

    Returns:
        When the next attempt may be made.

    Raises:
        LeaseLost: nothing was changed.
    """
    failed = select(BridgeCursor.attempts).where(BridgeCursor.hotel_id == lease.hotel_id)
    attempts = transaction.exec(failed).one() + 1
    until = at + pause_after(attempts)
    values = {"attempts": attempts, "next_try_at": until, "last_error": error}
    _change(transaction, lease, {**values, **_held(None)})
    return until


def give_back(transaction: Transaction, lease: Lease) -> None:
    """Let others carry the hotel's events on.

    Raises:
        LeaseLost: they already do, or it has been given back before.
    """
    _change(transaction, lease, _held(None))


def _held(until: datetime | None) -> dict[str, object]:
    return {"lease_until": until} if until else {"lease_until": None, "lease_owner": None}


def _change(transaction: Transaction, lease: Lease, values: dict[str, object]) -> None:
    statement = (
        update(BridgeCursor)
        .where(
            col(BridgeCursor.hotel_id) == lease.hotel_id,
            col(BridgeCursor.lease_token) == lease.token,
            col(BridgeCursor.lease_owner).is_not(None),
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if transaction.exec(statement).rowcount == 0:
        raise LeaseLost


def _ensure_cursor(transaction: Transaction, hotel_id: int) -> None:
    known = select(BridgeCursor.hotel_id).where(BridgeCursor.hotel_id == hotel_id)
    if transaction.exec(known).first() is not None:
        return
    # Only a hotel's first event comes here; the turn keeps two processes from adding the row at once.
    take_turn(transaction, hotel_id)
    if transaction.exec(known).first() is None:
        transaction.add(BridgeCursor(hotel_id=hotel_id))
        transaction.flush()


def _due(owner: str, at: datetime) -> SelectOfScalar[int]:
    return (
        select(Hotel.id)
        .outerjoin(BridgeCursor, col(BridgeCursor.hotel_id) == col(Hotel.id))
        .where(col(Hotel.seq) > func.coalesce(BridgeCursor.delivered_seq, 0), _is_free(owner, at))
    )


def _is_free(owner: str, at: datetime) -> ColumnElement[bool]:
    # An owner asks for a hotel only when it is not at it: a lease of its own could not be given back.
    is_left = or_(has_come(col(BridgeCursor.lease_until), at), col(BridgeCursor.lease_owner) == owner)
    return and_(is_left, has_come(col(BridgeCursor.next_try_at), at))
