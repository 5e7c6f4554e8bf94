"""How far each hotel's events have gone to Pusher, and the right to carry them on.

Whoever holds a hotel's lease sends its events; all others leave them alone. A lease that runs out can be
taken over, and its token is then the next one: the holder of before, however late it wakes, moves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, and_, bindparam, or_, update
from sqlmodel import col, func, select

from hotelmate.bridge.timing import furthest_ahead, has_come
from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.models import BridgeCursor, Hotel
from hotelmate.rows import table_of

# Made once, and run past the session: there are as many of them as there are mutations.
_TABLE = table_of(BridgeCursor)
_AT: BindParameter[datetime] = bindparam("at")
_FURTHEST: BindParameter[datetime] = bindparam("furthest")
# An owner asks for a hotel only when it is not at it: a lease of its own could not be given back.
_IS_FREE = and_(
    or_(has_come(_TABLE.c.lease_until, _AT, _FURTHEST), _TABLE.c.lease_owner == bindparam("owner")),
    has_come(_TABLE.c.next_try_at, _AT, _FURTHEST),
)
_SEQ = select(Hotel.seq).where(Hotel.id == bindparam("hotel"))
_KNOWN = select(BridgeCursor.hotel_id).where(BridgeCursor.hotel_id == bindparam("hotel"))
_DUE = (
    select(Hotel.id)
    .outerjoin(BridgeCursor, col(BridgeCursor.hotel_id) == col(Hotel.id))
    .where(col(Hotel.seq) > func.coalesce(BridgeCursor.delivered_seq, 0), _IS_FREE)
)
_IS_DUE = _DUE.where(Hotel.id == bindparam("hotel"))
_TAKE = (
    update(_TABLE)
    .where(_TABLE.c.hotel_id == bindparam("hotel"), _IS_FREE)
    .values(
        lease_owner=bindparam("owner"), lease_until=bindparam("until"), lease_token=_TABLE.c.lease_token + 1
    )
    .returning(_TABLE.c.lease_token, _TABLE.c.delivered_seq)
)
_CHANGE = update(_TABLE).where(
    _TABLE.c.hotel_id == bindparam("hotel"),
    _TABLE.c.lease_token == bindparam("token"),
    _TABLE.c.lease_owner.is_not(None),
)


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
    return list(reading.connection().scalars(_DUE, _owned(owner, at)))


def is_due(reading: Reading, *, hotel_id: int, owner: str, at: datetime) -> bool:
    """Whether a hotel is one of them."""
    due = reading.connection().scalar(_IS_DUE, {"hotel": hotel_id, **_owned(owner, at)})
    return due is not None


def take(
    transaction: Transaction, *, hotel_id: int, owner: str, at: datetime, until: datetime
) -> Lease | None:
    """Take a hotel's lease; None when another holds it, or the hotel is put off."""
    _ensure_cursor(transaction, hotel_id)
    taken = {"hotel": hotel_id, "until": until, **_owned(owner, at)}
    row = transaction.connection().execute(_TAKE, taken).first()
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
    holds = not is_last or _seq(transaction, lease.hotel_id) > to
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
    of_lease = {"hotel": lease.hotel_id, "token": lease.token}
    if transaction.connection().execute(_CHANGE, {**of_lease, **values}).rowcount == 0:
        raise LeaseLost


def _ensure_cursor(transaction: Transaction, hotel_id: int) -> None:
    if _is_known(transaction, hotel_id):
        return
    # Only a hotel's first event comes here; the turn keeps two processes from adding the row at once.
    take_turn(transaction, hotel_id)
    if not _is_known(transaction, hotel_id):
        transaction.add(BridgeCursor(hotel_id=hotel_id))
        transaction.flush()


def _is_known(transaction: Transaction, hotel_id: int) -> bool:
    return transaction.connection().scalar(_KNOWN, {"hotel": hotel_id}) is not None


def _seq(transaction: Transaction, hotel_id: int) -> int:
    return transaction.connection().execute(_SEQ, {"hotel": hotel_id}).scalar_one()


def _owned(owner: str, at: datetime) -> dict[str, object]:
    """Return what `_IS_FREE` asks for."""
    return {"owner": owner, "at": at, "furthest": furthest_ahead(at)}
