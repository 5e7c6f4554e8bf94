"""Changes that may be sent again."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime


class IdempotencyRecord(SQLModel, table=True):
    """What came of the changes that were sent under a key (`idempotency`).

    `outcomes` is an object of JSON: to the place of each change in its request, its outcome.
    """

    __tablename__ = "idempotency_record"

    key_hash: str = Field(max_length=64, primary_key=True)
    fingerprint: str = Field(max_length=64)
    outcomes: str
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
