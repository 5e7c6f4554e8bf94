"""A hotel's turn: while one transaction holds it, no other one writes in that hotel."""

from typing import TypeVar

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from hotelmate.database.transactions import Transaction
from hotelmate.models import Hotel, Staff, User

Statement = TypeVar("Statement", SelectOfScalar[Hotel], Select[Hotel, Staff, bool])

_TURNS = "hotelmate.turns"


def _locking(statement: Statement) -> Statement:
    # The row lock is the point: from a plain sequence a later number can commit first, and a reader already
    # past it would never see the earlier one. NO KEY, because rows that refer to the hotel need not wait.
    return statement.with_for_update(key_share=True).execution_options(populate_existing=True)


_TURN = _locking(select(Hotel).where(Hotel.id == bindparam("hotel_id")))
# PostgreSQL locks the rows in the order of the tables, the hotel's first. Of each that it locks it returns
# what was committed last; of others, what they were before it waited. So the user is locked, too.
_TURN_AND_STAFF = _locking(
    select(Hotel, Staff, User.is_active)
    .select_from(Hotel)
    .join(Staff, col(Staff.hotel_id) == Hotel.id)
    .join(User, col(User.id) == Staff.user_id)
    .where(Staff.id == bindparam("staff_id"))
)


def take_turn(transaction: Transaction, hotel_id: int) -> Hotel:
    """Lock the hotel until the transaction ends and return it as it is now.

    Writes in one hotel are thereby serial: what is checked after this stays true until the commit, and event
    numbers are committed in order.
    """
    hotel = transaction.exec(_TURN, params={"hotel_id": hotel_id}).one()
    _remember(transaction, hotel)
    return hotel


def take_turn_with_staff(transaction: Transaction, staff_id: int) -> tuple[Hotel, Staff, bool]:
    """Take the turn of a staff member's hotel, and read the staff member in the same round trip.

    Returns:
        The hotel and the staff member as they are now, and whether the latter may log in.
    """
    hotel, staff, is_active = transaction.exec(_TURN_AND_STAFF, params={"staff_id": staff_id}).one()
    _remember(transaction, hotel)
    return hotel, staff, is_active


def turn_held(transaction: Transaction) -> Hotel:
    """Return the hotel whose turn the transaction took last, as it stands in there."""
    taken: list[Hotel] = transaction.info[_TURNS]
    return taken[-1]


def _remember(transaction: Transaction, hotel: Hotel) -> None:
    # A session forgets what nobody holds, and whoever asks for this row again would read it again.
    transaction.info.setdefault(_TURNS, []).append(hotel)
