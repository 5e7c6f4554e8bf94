"""Begin a new history after a restore, so that nothing of the old one is taken for part of it.

What happened after the backup was made is forgotten here and remembered elsewhere: cursors, the ids of
events, the references of bookings. None of them may come to mean something else.
"""

from datetime import datetime, timedelta

from sqlmodel import select, update

from hotelmate.backups.rows import highest_id, set_highest_id
from hotelmate.database import Transaction
from hotelmate.events.cursor import new_epoch
from hotelmate.models import BookingNumber, BridgeCursor, DeadLetter, Hotel

# More events than anybody records between a backup and its restore. JavaScript counts on exactly for two
# million restores.
_IDS_PASSED_OVER = 2**32
_LEASES_PASSED_OVER = 10_000
_BOOKINGS_PASSED_OVER = 10_000


def begin(transaction: Transaction, *, at: datetime, highest_event_id: int = 0) -> None:
    """Make a restored database go on as a history of its own.

    Cursors of before are refused from here on, and no event or booking is called what another was called
    before. What waits for Pusher can be sent at once, by nobody who held a lease before.

    Args:
        transaction: in the restored database, which no server uses.
        at: now.
        highest_event_id: the highest known to have been given out, where that is more than this database
            knows.
    """
    connection = transaction.connection()
    highest = max(highest_event_id, highest_id(connection, "event"))
    set_highest_id(connection, "event", highest + _IDS_PASSED_OVER)
    _pass_over_bookings(transaction, at)
    for hotel in transaction.exec(select(Hotel)):
        hotel.epoch = new_epoch()
        transaction.add(hotel)
    transaction.exec(
        update(BridgeCursor).values(
            lease_owner=None,
            lease_until=None,
            lease_token=BridgeCursor.lease_token + _LEASES_PASSED_OVER,
            attempts=0,
            next_try_at=None,
            last_error=None,
        )
    )
    transaction.exec(update(DeadLetter).values(next_try_at=None))


def _pass_over_bookings(transaction: Transaction, at: datetime) -> None:
    """Leave out the numbers that may have been given out in the years up to now, wherever a hotel is."""
    numbers = {row.year: row for row in transaction.exec(select(BookingNumber))}
    years = numbers.keys() | {(at + timedelta(days=days)).year for days in (-1, 1)}
    for year in years:
        row = numbers.get(year) or BookingNumber(year=year, last=0)
        row.last += _BOOKINGS_PASSED_OVER
        transaction.add(row)
