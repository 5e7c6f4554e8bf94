"""The sessions that operations are given, and what a transaction announces.

A notice (an event, ended rights) reaches the listeners after the commit of the transaction that announced it,
and never without one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NewType

from sqlmodel import Session

Reading = NewType("Reading", Session)
# What may write may also read; not the reverse.
Transaction = NewType("Transaction", Reading)

Tell = Callable[[Sequence[object]], None]
"""Takes the notices of a transaction, or of several, that have just been committed."""

_NOTICES = "hotelmate.notices"


def announce(transaction: Transaction, notice: object) -> None:
    """Have `notice` reach the listeners once the transaction is committed."""
    transaction.info.setdefault(_NOTICES, []).append(notice)


def announced_in(session: Session) -> Sequence[object]:
    """Return what was announced in a transaction so far, in order."""
    notices: list[object] = session.info.get(_NOTICES, [])
    return notices


@contextmanager
def savepoint(transaction: Transaction) -> Iterator[None]:
    """Take back what the block did, and what it announced, when it raises; the transaction can go on."""
    announced = len(announced_in(transaction))
    try:
        with transaction.begin_nested():
            yield
    except BaseException:
        del transaction.info.setdefault(_NOTICES, [])[announced:]
        raise
