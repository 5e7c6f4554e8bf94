"""How far behind each hotel's delivery is, for operators and for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlmodel import col

from hotelmate.database import Reading
from hotelmate.models import BridgeCursor, DeadLetter, EventRecord, Hotel


@dataclass(frozen=True, slots=True)
class HotelBacklog:
    """Where a hotel's delivery stands.

    `attempts` counts failures in a row since the last success; `next_try_at` and `last_error` are of the last
    of them. `dead_letters` counts those that are queued again as well.
    """

    hotel_slug: str
    latest_seq: int
    delivered_seq: int
    oldest_pending_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    last_error: str | None
    dead_letters: int

    @property
    def pending(self) -> int:
        """How many events are still to be sent."""
        return self.latest_seq - self.delivered_seq

    def oldest_pending_seconds(self, at: datetime) -> float | None:
        """For how long the oldest of them has waited; None when none does."""
        if self.oldest_pending_at is None:
            return None
        return max(0.0, (at - self.oldest_pending_at).total_seconds())


def of_hotel(reading: Reading, hotel_id: int) -> HotelBacklog:
    """Return where the hotel's delivery stands."""
    return HotelBacklog(*reading.execute(_backlogs().where(col(Hotel.id) == hotel_id)).one())


def of_all(reading: Reading) -> Sequence[HotelBacklog]:
    """Return where every hotel's delivery stands, by slug."""
    return [HotelBacklog(*row) for row in reading.execute(_backlogs().order_by(col(Hotel.slug)))]


def _backlogs() -> Select[Any]:
    cursor, hotel_id = BridgeCursor, col(Hotel.id)
    delivered = func.coalesce(col(cursor.delivered_seq), 0)
    letters = select(func.count()).where(col(DeadLetter.hotel_id) == hotel_id).scalar_subquery()
    # What is not delivered is never pruned, so the next one is there.
    is_next = and_(col(EventRecord.hotel_id) == hotel_id, col(EventRecord.seq) == delivered + 1)
    return (
        select(
            col(Hotel.slug),
            col(Hotel.seq),
            delivered,
            col(EventRecord.occurred_at),
            func.coalesce(col(cursor.attempts), 0),
            col(cursor.next_try_at),
            col(cursor.last_error),
            letters,
        )
        .outerjoin(cursor, col(cursor.hotel_id) == hotel_id)
        .outerjoin(EventRecord, is_next)
    )
