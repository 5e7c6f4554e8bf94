"""The event log."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime

# A restore passes over billions of ids. SQLite counts up nothing but an INTEGER, which has 64 bits there.
EVENT_ID = BigInteger().with_variant(Integer(), "sqlite")


class EventRecord(SQLModel, table=True):
    """A row of the event log: what happened, in full, under its hotel's next number.

    `trace_parent` is the span that it was recorded in (W3C Trace Context), where anybody traces.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("hotel_id", "seq"),
        CheckConstraint("seq >= 1", name="seq"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True, sa_type=EVENT_ID)
    hotel_id: int = Field(foreign_key="hotel.id")
    seq: int
    type: str = Field(max_length=64)
    data: str
    occurred_at: datetime = Field(sa_type=UtcDateTime, index=True)
    trace_parent: str | None = Field(default=None, max_length=55)
