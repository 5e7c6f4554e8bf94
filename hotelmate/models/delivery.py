"""How far the bridge's deliveries are, and what Pusher refused."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime
from hotelmate.models.events import EVENT_ID


class BridgeCursor(SQLModel, table=True):
    """How far a hotel's events have gone to Pusher, and which process is sending them.

    `lease_token` grows with each lease: a holder whose lease has been taken over can no longer move the row.
    """

    __tablename__ = "bridge_cursor"

    hotel_id: int = Field(foreign_key="hotel.id", primary_key=True)
    delivered_seq: int = 0
    lease_owner: str | None = Field(default=None, max_length=64)
    lease_token: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = None


class DeadLetter(SQLModel, table=True):
    """A message that Pusher refused for good; `queued_at` is set while it waits to be sent again.

    Before `next_try_at` nobody sends it: a process is at it, or a try has just failed.
    """

    __tablename__ = "dead_letter"
    __table_args__ = (UniqueConstraint("event_id", "channel"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    event_id: int = Field(foreign_key="event.id", sa_type=EVENT_ID)
    channel: str = Field(max_length=200)
    event_name: str = Field(max_length=200)
    error: str
    failed_at: datetime = Field(sa_type=UtcDateTime)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
