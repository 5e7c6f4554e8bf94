"""Remove stored pictures that nothing in the database names."""

from collections.abc import Callable, Iterator, Set
from datetime import datetime

from sqlalchemy import Text, cast, func, select
from sqlmodel import SQLModel

from hotelmate.database import Reading
from hotelmate.media import names
from hotelmate.media.storage import Storage

_DIGEST_CHARACTERS = 64
_AT_ONCE = 500


def collect(
    storage: Storage,
    mentioned: Set[str],
    *,
    put_before: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[str]:
    """Remove the files last put before a time that nothing mentions; returns their names.

    Args:
        storage: where to look.
        mentioned: the digests to keep, read after `put_before` was chosen.
        put_before: a day ago, say: longer than from an upload to the commit that names it. Who uploads an old
            picture again puts it again, and so it is kept.
        progress: is told how many files have been dealt with, and of how many.

    Raises:
        StorageUnavailable: the store failed; some files may have been removed.
    """
    unmentioned = [name for name in storage.names() if mentioned.isdisjoint(names.digests_in(name))]
    removed: list[str] = []
    for start in range(0, len(unmentioned), _AT_ONCE):
        part = unmentioned[start : start + _AT_ONCE]
        removed += storage.remove(part, put_before=put_before)
        progress(start + len(part), len(unmentioned))
    return removed


def digests_mentioned(reading: Reading) -> set[str]:
    """Return the digests of all pictures that anything in the database mentions.

    Every column is read, not only those for urls: descriptions can show pictures, and events name pictures
    that clients will ask for as long as the events are kept.
    """
    return {digest for text in _texts(reading) for digest in names.digests_in(text)}


def _texts(reading: Reading) -> Iterator[str]:
    """Everything that is long enough to hold a digest, as text."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            text = cast(column, Text)
            long_enough = select(text).where(func.length(text) >= _DIGEST_CHARACTERS)
            yield from reading.scalars(long_enough.execution_options(yield_per=1000))
