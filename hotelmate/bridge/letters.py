"""Dead letters: messages that Pusher refused for good, and those of them that are to be sent again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, select, update

from hotelmate.bridge.sending import LegacyMessage
from hotelmate.bridge.timing import furthest_ahead, has_come
from hotelmate.database import Reading, Transaction
from hotelmate.events import log
from hotelmate.events.log import Event
from hotelmate.models import DeadLetter

Which = ColumnElement[bool]
"""A choice among the dead letters."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and the event that it was to tell of; `queued_at` is set while it is to be sent again."""

    id: int
    event: Event
    channel: str
    event_name: str
    error: str
    failed_at: datetime
    queued_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueuedLetter:
    """A dead letter that is to be sent again, with the event that it tells of."""

    id: int
    event: Event
    channel: str
    queued_at: datetime


def bury(transaction: Transaction, event: Event, message: LegacyMessage, *, error: str, at: datetime) -> None:
    """Keep a message that was refused."""
    # An operator who sets a cursor back has events sent again whose letters are still here.
    transaction.exec(
        delete(DeadLetter).where(
            col(DeadLetter.event_id) == event.id, col(DeadLetter.channel) == message.channel
        )
    )
    letter = DeadLetter(
        hotel_id=event.hotel_id,
        event_id=event.id,
        channel=message.channel,
        event_name=message.event_name,
        error=error,
        failed_at=at,
    )
    transaction.add(letter)


def of_hotel(hotel_id: int) -> Which:
    """Choose the dead letters of a hotel."""
    return col(DeadLetter.hotel_id) == hotel_id


def with_ids(letter_ids: Collection[int]) -> Which:
    """Choose the dead letters with these ids."""
    return col(DeadLetter.id).in_(letter_ids)


def ids(reading: Reading, *which: Which, limit: int | None = None) -> Sequence[int]:
    """Return the ids of the chosen dead letters, oldest first, no more than `limit`."""
    return reading.exec(select(DeadLetter.id).where(*which).order_by(col(DeadLetter.id)).limit(limit)).all()


def read(reading: Reading, *which: Which) -> Sequence[Letter]:
    """Return the chosen dead letters, oldest first."""
    events = log.get(reading, select(DeadLetter.event_id).where(*which))
    rows = reading.exec(select(DeadLetter).where(*which).order_by(col(DeadLetter.id)))
    return [
        Letter(
            id=row.id,
            event=events[row.event_id],
            channel=row.channel,
            event_name=row.event_name,
            error=row.error,
            failed_at=row.failed_at,
            queued_at=row.queued_at,
        )
        for row in rows
    ]


def queue(transaction: Transaction, which: Which, *, at: datetime) -> int:
    """Have the chosen dead letters sent again, and return how many were not to be already."""
    statement = (
        update(DeadLetter)
        .where(which, col(DeadLetter.queued_at).is_(None))
        .values(queued_at=at)
        .execution_options(synchronize_session=False)
    )
    return int(transaction.exec(statement).rowcount)


def drop(transaction: Transaction, which: Which) -> int:
    """Forget the chosen dead letters, and return how many they were."""
    return int(transaction.exec(delete(DeadLetter).where(which)).rowcount)


def due_hotels(reading: Reading, *, at: datetime) -> list[int]:
    """Return the hotels whose next queued letter nobody is sending and is not put off."""
    # Within a hotel the ids of events grow with their numbers.
    oldest = (
        select(DeadLetter.hotel_id, func.min(DeadLetter.event_id).label("event_id"))
        .where(col(DeadLetter.queued_at).is_not(None))
        .group_by(col(DeadLetter.hotel_id))
        .subquery()
    )
    statement = (
        select(DeadLetter.hotel_id)
        .join(oldest, col(DeadLetter.event_id) == oldest.c.event_id)
        .where(
            col(DeadLetter.queued_at).is_not(None),
            has_come(col(DeadLetter.next_try_at), at, furthest_ahead(at)),
        )
        .distinct()
    )
    return list(reading.exec(statement))


def take_next(
    transaction: Transaction, *, hotel_id: int, at: datetime, until: datetime
) -> QueuedLetter | None:
    """Take the hotel's queued letter with the oldest event, for oneself until a time.

    Returns:
        The letter; None when nothing is queued, or the oldest is being sent elsewhere or put off. Later ones
        then wait as well, so that they are sent in order.
    """
    queued = select(DeadLetter).where(DeadLetter.hotel_id == hotel_id, col(DeadLetter.queued_at).is_not(None))
    oldest = transaction.exec(queued.order_by(col(DeadLetter.event_id), col(DeadLetter.id)).limit(1)).first()
    if oldest is None or oldest.queued_at is None:
        return None
    taking = (
        update(DeadLetter)
        .where(col(DeadLetter.id) == oldest.id, has_come(col(DeadLetter.next_try_at), at, furthest_ahead(at)))
        .values(next_try_at=until)
        .execution_options(synchronize_session=False)
    )
    if transaction.exec(taking).rowcount == 0:
        return None
    event = log.get(transaction, [oldest.event_id])[oldest.event_id]
    return QueuedLetter(oldest.id, event, oldest.channel, oldest.queued_at)


def put_off(transaction: Transaction, letter_id: int, *, until: datetime) -> None:
    """Leave a letter queued and try it again later."""
    _change(transaction, letter_id, {"next_try_at": until})


def refuse(transaction: Transaction, letter_id: int, *, error: str, at: datetime) -> None:
    """Note that a letter was refused again; it waits until somebody queues it again."""
    _change(transaction, letter_id, {"error": error, "failed_at": at, "queued_at": None, "next_try_at": None})


def _change(transaction: Transaction, letter_id: int, values: dict[str, object]) -> None:
    transaction.exec(
        update(DeadLetter)
        .where(col(DeadLetter.id) == letter_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
