"""Rooms, and the kinds of rooms that can be booked."""

from datetime import date
from functools import partial
from typing import Self

import strawberry

from hotelmate import models
from hotelmate.resolvers import room_types
from hotelmate.resolvers import rooms as operations
from hotelmate.resolvers.checks import row_id
from hotelmate.schema.context import Context
from hotelmate.schema.fields import Info, field, mutation
from hotelmate.schema.scalars import graphql_id
from hotelmate.schema.uploads import Upload


@strawberry.type(description="A kind of room that can be booked.")
class RoomType:
    id: strawberry.ID
    code: str
    name: str
    short_description: str
    max_occupancy: int
    photo_url: str | None
    sort_order: int

    @classmethod
    def of(cls, row: models.RoomType) -> Self:
        return cls(
            id=graphql_id(row.id),
            code=row.code,
            name=row.name,
            short_description=row.short_description,
            max_occupancy=row.max_occupancy,
            photo_url=row.photo_url,
            sort_order=row.sort_order,
        )


@strawberry.type(description="A room with a number on its door.")
class Room:
    row: strawberry.Private[models.Room]
    id: strawberry.ID
    number: str

    @classmethod
    def of(cls, row: models.Room) -> Self:
        return cls(row=row, id=graphql_id(row.id), number=row.number)

    @strawberry.field
    def room_type(self, info: Info) -> RoomType:
        return RoomType.of(info.context.loaders.room_types.load(self.row.room_type_id))

    @field("Whether the guests of a booking are checked in to it.")
    def is_occupied(self, info: Info) -> bool:
        return info.context.loaders.occupied.load(self.row.id)


@strawberry.type
class RoomQueries:
    @field("The hotel's rooms, by number. [staff]")
    def rooms(
        self,
        info: Info,
        room_type_id: strawberry.ID | None = None,
        free_from: date | None = None,
        free_to: date | None = None,
    ) -> list[Room]:
        rows = operations.rooms(
            info.context.reading,
            info.context.actor,
            room_type_id=None if room_type_id is None else row_id(room_type_id),
            free_from=free_from,
            free_to=free_to,
        )
        info.context.loaders.expect_rooms(rows)
        return [Room.of(row) for row in rows]


@strawberry.type
class RoomTypeMutations:
    @mutation("[staff]")
    def upload_room_type_image(self, info: Info, id: strawberry.ID, photo: Upload) -> RoomType:
        changed = info.context.recorded(models.RoomType)
        return RoomType.of(_set_photo(info.context, row_id(id), photo) if changed is None else changed)


def _set_photo(context: Context, room_type_id: int, photo: Upload) -> models.RoomType:
    room_types.own_room_type(context.reading, context.actor, room_type_id)
    kept = context.keep_image(photo, field="photo")
    actor, at = context.actor, context.now
    set_photo = partial(
        room_types.set_room_type_photo, actor=actor, room_type_id=room_type_id, photo=kept, at=at
    )
    return context.change(models.RoomType, set_photo)
