"""What a store of pictures is.

A stored file is never changed, and only `collect` removes it. The same picture uploaded twice is one file
under one name: whoever took back "its" file after a failure could take it from a row that names it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from hotelmate.media.errors import StorageUnavailable

CACHE_CONTROL = "public, max-age=31536000, immutable"
"""A name never changes its picture."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Location:
    """How clients find a picture: its url, and the id that the gallery's payloads have beside it."""

    url: str
    public_id: str


class Storage(Protocol):
    """A store of files by their `names`. Its calls block, and raise StorageUnavailable when they fail."""

    def put(self, name: str, content: bytes) -> Location:
        """Store a file, for good once this returns; if it is there already, it counts as put now."""

    def names(self) -> list[str]:
        """Return, in no order, all that `put` has stored, and remains of what it was kept from storing."""

    def remove(self, candidates: Sequence[str], *, put_before: datetime) -> list[str]:
        """Remove those of the files that have not been put again since; returns which."""


@contextmanager
def failing_as_unavailable(*errors: type[Exception]) -> Iterator[None]:
    """Log errors of a store's library, and raise StorageUnavailable in their place."""
    try:
        yield
    except errors as error:
        logger.exception("storage_failed")
        raise StorageUnavailable from error
