"""Hotels."""

import re
import string
from datetime import UTC, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime

_SLUG_CHARACTERS = f"{string.ascii_letters}{string.digits}_-"

SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What a hotel's slug looks like: channels are named after it, and every Pusher takes these characters."""


class Hotel(SQLModel, table=True):
    """A hotel, and the head of its event log.

    The row is small and hot: every writing transaction locks it, and `seq` moves with every event. Whatever
    changed later than `log_complete_after` has its event in the log: that is when the hotel was made, or the
    time of the last event that has been pruned.
    """

    __table_args__ = (
        # SQLite has no regular expressions. What is left when all of the characters are trimmed away is none
        # of them, and both databases can say so.
        CheckConstraint(
            f"length(slug) BETWEEN 1 AND 100 AND ltrim(slug, '{_SLUG_CHARACTERS}') = ''", name="slug"
        ),
    )

    id: int = Field(default=None, primary_key=True)
    slug: str = Field(max_length=100, unique=True)
    name: str = Field(max_length=200)
    is_active: bool = True
    sort_order: int = 0
    timezone: str = Field(default="UTC", max_length=64)
    seq: int = 0
    epoch: str = Field(max_length=16)
    log_complete_after: datetime = Field(default_factory=lambda: datetime.now(UTC), sa_type=UtcDateTime)
