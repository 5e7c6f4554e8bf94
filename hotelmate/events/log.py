"""The event log: one gapless count per hotel, written in the transaction of the change.

Everything after the log can crash and goes on from where it stood, because whatever was recorded can be read
again by its number. Rows are kept for a time, and longer while the bridge still needs them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import and_, col, delete, func, or_, select, update
from sqlmodel.sql.expression import Select, SelectOfScalar

from hotelmate.database import Reading, Transaction, announce
from hotelmate.errors import BadUserInput, CursorExpired
from hotelmate.events import cursor as cursors
from hotelmate.events.catalogue import EventData, parse
from hotelmate.events.cursor import Cursor, MalformedCursor
from hotelmate.models import BridgeCursor, DeadLetter, EventRecord, Hotel
from hotelmate.rows import Write, add_and_return_id, changed_row, new_row
from hotelmate.telemetry.tracing import trace_parent


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the log, whole: whoever holds it need not read anything to pass it on."""

    id: int
    hotel_id: int
    hotel_slug: str
    epoch: str
    seq: int
    occurred_at: datetime
    data: EventData
    # The span that it was recorded in, if anybody traces: it says nothing of the event.
    trace_parent: str | None = field(default=None, compare=False)

    @property
    def cursor(self) -> str:
        """The place just after this event, as clients send it back in `after`."""
        return str(Cursor(self.epoch, self.seq))

    @property
    def type(self) -> str:
        """The kind's name in the catalogue and in GraphQL."""
        return type(self.data).__name__


def record(
    transaction: Transaction, hotel: Hotel, data: EventData, *, at: datetime, along: Sequence[Write] = ()
) -> Event:
    """Append an event to the hotel's log, and announce it for after the commit.

    Args:
        transaction: holds the hotel's turn.
        hotel: as `take_turn` returned it.
        data: what happened.
        at: when.
        along: what it has changed, as far as it is still to be written.
    """
    seq, parent = hotel.seq + 1, trace_parent()
    appended = new_row(
        EventRecord,
        hotel_id=hotel.id,
        seq=seq,
        type=type(data).__name__,
        data=data.model_dump_json(),
        occurred_at=at,
        trace_parent=parent,
    )
    event_id = add_and_return_id(transaction, appended, changed_row(hotel, seq=seq), *along)
    recorded = Event(event_id, hotel.id, hotel.slug, hotel.epoch, seq, at, data, trace_parent=parent)
    announce(transaction, recorded)
    return recorded


def read(reading: Reading, hotel_id: int, *, after: int, limit: int) -> list[Event]:
    """Return up to `limit` events that follow the number `after`, oldest first."""
    statement = _events().where(col(EventRecord.hotel_id) == hotel_id, col(EventRecord.seq) > after)
    rows = reading.exec(statement.order_by(col(EventRecord.seq)).limit(limit))
    return [_event(*row) for row in rows]


def get(reading: Reading, event_ids: Collection[int] | SelectOfScalar[int]) -> dict[int, Event]:
    """Return the events with these ids, by id; what the log does not hold is absent."""
    rows = reading.exec(_events().where(col(EventRecord.id).in_(event_ids)))
    return {row[0].id: _event(*row) for row in rows}


def position(reading: Reading, hotel: Hotel, after: str | None) -> int:
    """Return the number that a client's `after` stands for; without one, where the log stands now.

    Raises:
        BadUserInput: `after` was never a cursor.
        CursorExpired: from another history or hotel, or what follows it has been pruned.
    """
    if after is None:
        return hotel.seq
    try:
        cursor = cursors.parse(after)
    except MalformedCursor:
        raise BadUserInput("after", "This is not a cursor.") from None
    if cursor.epoch != hotel.epoch or not 0 <= cursor.seq <= hotel.seq:
        raise CursorExpired
    if cursor.seq < hotel.seq and cursor.seq + 1 < first_kept(reading, hotel):
        raise CursorExpired
    return cursor.seq


def first_kept(reading: Reading, hotel: Hotel) -> int:
    """Return the oldest number that the log still holds; the next one to come when it holds none."""
    oldest = reading.exec(select(func.min(EventRecord.seq)).where(EventRecord.hotel_id == hotel.id)).one()
    return hotel.seq + 1 if oldest is None else oldest


def prune(transaction: Transaction, hotel: Hotel, *, before: datetime) -> int:
    """Remove the hotel's events from before a time, up to what the bridge and dead letters still need.

    Only a beginning of the log is removed, never a hole: the first event that must stay keeps all after it.

    Returns:
        How many were removed.
    """
    held = select(func.min(EventRecord.seq)).where(
        EventRecord.hotel_id == hotel.id,
        or_(
            col(EventRecord.occurred_at) >= before,
            col(EventRecord.seq) > _delivered(transaction, hotel.id),
            col(EventRecord.id).in_(select(DeadLetter.event_id).where(DeadLetter.hotel_id == hotel.id)),
        ),
    )
    first_held = transaction.exec(held).one()
    keep_from = hotel.seq + 1 if first_held is None else first_held
    goes = and_(col(EventRecord.hotel_id) == hotel.id, col(EventRecord.seq) < keep_from)
    latest = transaction.exec(select(func.max(EventRecord.occurred_at)).where(goes)).one()
    if latest is None:
        return 0
    removed = transaction.exec(delete(EventRecord).where(goes))
    # Last of all, because it takes the hotel's turn.
    incomplete = and_(col(Hotel.id) == hotel.id, col(Hotel.log_complete_after) < latest)
    transaction.exec(
        update(Hotel)
        .where(incomplete)
        .values(log_complete_after=latest)
        .execution_options(synchronize_session=False)
    )
    return int(removed.rowcount)


def _delivered(reading: Reading, hotel_id: int) -> int:
    delivered = reading.exec(
        select(BridgeCursor.delivered_seq).where(BridgeCursor.hotel_id == hotel_id)
    ).first()
    return delivered or 0


def _events() -> Select[EventRecord, str, str]:
    return select(EventRecord, Hotel.slug, Hotel.epoch).join(Hotel, col(Hotel.id) == EventRecord.hotel_id)


def _event(row: EventRecord, slug: str, epoch: str) -> Event:
    return Event(
        id=row.id,
        hotel_id=row.hotel_id,
        hotel_slug=slug,
        epoch=epoch,
        seq=row.seq,
        occurred_at=row.occurred_at,
        data=parse(row.type, row.data),
        trace_parent=row.trace_parent,
    )
