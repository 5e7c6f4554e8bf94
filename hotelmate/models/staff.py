"""Staff, their log-ins and their shifts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from hotelmate.models.columns import UtcDateTime


class User(SQLModel, table=True):
    """Someone who can log in, while active. The password is an argon2 hash."""

    __tablename__ = "user_account"

    id: int = Field(default=None, primary_key=True)
    username: str = Field(max_length=150, unique=True)
    password_hash: str = Field(max_length=255)
    is_active: bool = True


class Staff(SQLModel, table=True):
    """A user's place on the staff of one hotel."""

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", unique=True)
    hotel_id: int = Field(foreign_key="hotel.id", index=True)
    first_name: str = Field(max_length=100)
    last_name: str = Field(max_length=100)
    is_on_duty: bool = False
    last_clock_in: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_clock_out: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Shift(SQLModel, table=True):
    """From one clock-in to its clock-out; at most one is open per staff member."""

    __table_args__ = (
        CheckConstraint("clock_out IS NULL OR clock_out >= clock_in", name="ends_after_it_starts"),
        Index(
            "uq_shift_open_per_staff",
            "staff_id",
            unique=True,
            sqlite_where=text("clock_out IS NULL"),
            postgresql_where=text("clock_out IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    clock_in: datetime = Field(sa_type=UtcDateTime, index=True)
    clock_out: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """A log-in, known by the hash of its token only."""

    __tablename__ = "session"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    staff_id: int = Field(foreign_key="staff.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
