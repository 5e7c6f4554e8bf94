"""A hotel's turn: while one transaction holds it, no other one writes in that hotel."""

from sqlalchemy import bindparam
from sqlmodel import select

from hotelmate.database.transactions import Transaction
from hotelmate.models import Hotel

_TURNS = "hotelmate.turns"
# The row lock is the point: from a plain sequence a later number can commit first, and a reader already
# past it would never see the earlier one. NO KEY, because rows that refer to the hotel need not wait.
_TURN = (
    select(Hotel)
    .where(Hotel.id == bindparam("hotel_id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def take_turn(transaction: Transaction, hotel_id: int) -> Hotel:
    """Lock the hotel until the transaction ends and return it as it is now.

    Writes in one hotel are thereby serial: what is checked after this stays true until the commit, and event
    numbers are committed in order.
    """
    hotel = transaction.exec(_TURN, params={"hotel_id": hotel_id}).one()
    # A session forgets what nobody holds, and whoever asks for this row again would read it again.
    transaction.info.setdefault(_TURNS, []).append(hotel)
    return hotel


def turn_held(transaction: Transaction) -> Hotel:
    """Return the hotel whose turn the transaction took last, as it stands in there."""
    taken: list[Hotel] = transaction.info[_TURNS]
    return taken[-1]
