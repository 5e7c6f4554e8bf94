"""What a store of pictures is.

A stored file is never changed, and only `collect` removes it. The same picture uploaded twice is one file
under one name: whoever took back "its" file after a failure could take it from a row that names it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog

from hotelmate.media.errors import StorageUnavailable

CACHE_CONTROL = "public, max-age=31536000, immutable"
"""A name never changes its picture."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Location:
    """How clients find a picture: its url, and the id that the gallery's payloads have beside it.

    `page_url` is where a picture that is there in every width is as wide as a page.
    """

    url: str
    public_id: str
    page_url: str | None = None


class Storage(Protocol):
    """A store of files by their `names`. Its calls block, and raise StorageUnavailable when they fail."""

    def put(self, name: str, content: bytes) -> Location:
        """Store a file, for good once this returns; if it is there already, it counts as put now."""

    def renew(self, name: str) -> Location | None:
        """Count a file as put now, lest it is removed before a row names it; None when it is not there."""

    def name_at(self, url: str) -> str | None:
        """Return what a url calls a file of this store, there or not; None for a url of something else."""

    def names(self) -> list[str]:
        """Return, in no order, all that `put` has stored, and remains of what it was kept from storing."""

    def remove(self, candidates: Sequence[str], *, put_before: datetime) -> list[str]:
        """Remove those of the files that have not been put again since; returns which."""


def name_below(addresses: Iterable[str], url: str) -> str | None:
    """Return what follows one of the addresses in a url, whatever way it is written; None when none does."""
    server, path = _place(url)
    for address in addresses:
        same_server, folder = _place(address)
        if server == same_server and path.startswith(f"{folder}/"):
            return path.removeprefix(f"{folder}/")
    return None


def _place(url: str) -> tuple[object, str]:
    """The server and the path of a url, in a form that is the same for all urls of one place."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None, ""
    usual_port = {"http": 80, "https": 443}.get(parts.scheme)
    return (parts.hostname, None if port == usual_port else port), unquote(parts.path)


@contextmanager
def failing_as_unavailable(*errors: type[Exception]) -> Iterator[None]:
    """Log errors of a store's library, and raise StorageUnavailable in their place."""
    try:
        yield
    except errors as error:
        logger.exception("storage_failed")
        raise StorageUnavailable from error
