"""Rooms, and the kinds of rooms that can be booked."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel


class RoomType(SQLModel, table=True):
    """A kind of room that can be booked."""

    __tablename__ = "room_type"
    __table_args__ = (
        UniqueConstraint("hotel_id", "code"),
        CheckConstraint("max_occupancy >= 1", name="max_occupancy"),
    )

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id")
    code: str = Field(max_length=50)
    name: str = Field(max_length=200)
    short_description: str = ""
    max_occupancy: int
    photo_url: str | None = None
    sort_order: int = 0


class Room(SQLModel, table=True):
    """A room with a number on its door."""

    __table_args__ = (UniqueConstraint("hotel_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    hotel_id: int = Field(foreign_key="hotel.id")
    room_type_id: int = Field(foreign_key="room_type.id", index=True)
    number: str = Field(max_length=20)
