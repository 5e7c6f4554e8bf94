"""The same mutation and page as one would first write them: FastAPI, Strawberry and SQLModel, all async.

    python -m bench.servers.plain DATABASE_URL CONNECTIONS

It authenticates like HotelMate, counts the hotel's events without a gap, and is as durable (SQLite syncs at
each commit, in WAL mode); it tells nobody of its events.
"""

import hashlib
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import strawberry
from fastapi import Depends, FastAPI, Request
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry.fastapi import GraphQLRouter

from bench.servers.controlled import serve
from hotelmate import models
from hotelmate.events import catalogue
from hotelmate.schema.enums import ClockAction


@strawberry.type
class Staff:
    """Someone on the staff."""

    id: strawberry.ID
    first_name: str
    last_name: str
    is_on_duty: bool


@strawberry.type
class ClockResult:
    """What happened at the clock."""

    staff: Staff
    action: ClockAction
    clock_time: datetime


@strawberry.type
class HotelSettings:
    """The texts of a public page."""

    hero_image: str | None
    tagline: str
    short_description: str
    long_description: str
    amenities: list[str]

    @classmethod
    def of(cls, row: models.HotelSettings) -> Self:
        """Show a row."""
        return cls(**_chosen(cls, row))


@strawberry.type
class GalleryImage:
    """A picture."""

    url: str

    @classmethod
    def of(cls, row: models.GalleryImage) -> Self:
        """Show a row."""
        return cls(url=row.url)


@strawberry.type
class RoomType:
    """A kind of room."""

    name: str
    short_description: str
    photo_url: str | None

    @classmethod
    def of(cls, row: models.RoomType) -> Self:
        """Show a row."""
        return cls(**_chosen(cls, row))


@strawberry.type
class Offer:
    """An offer."""

    title: str
    short_description: str
    tag: str
    photo_url: str | None

    @classmethod
    def of(cls, row: models.Offer) -> Self:
        """Show a row."""
        return cls(**_chosen(cls, row))


@strawberry.type
class Hotel:
    """A hotel's public page."""

    name: str
    settings: HotelSettings
    gallery: list[GalleryImage]
    room_types: list[RoomType]
    offers: list[Offer]


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def hotel(self, info: strawberry.Info, slug: str) -> Hotel | None:
        """Read the public page of one hotel."""
        session: AsyncSession = info.context["session"]
        hotel = (await session.exec(select(models.Hotel).where(models.Hotel.slug == slug))).first()
        if hotel is None:
            return None
        settings = await session.get_one(models.HotelSettings, hotel.id)
        gallery = await session.exec(
            select(models.GalleryImage)
            .where(models.GalleryImage.hotel_id == hotel.id)
            .order_by(col(models.GalleryImage.position))
        )
        room_types = await session.exec(
            select(models.RoomType)
            .where(models.RoomType.hotel_id == hotel.id)
            .order_by(col(models.RoomType.sort_order))
        )
        offers = await session.exec(
            select(models.Offer)
            .where(models.Offer.hotel_id == hotel.id, col(models.Offer.is_active))
            .order_by(col(models.Offer.sort_order))
        )
        return Hotel(
            name=hotel.name,
            settings=HotelSettings.of(settings),
            gallery=[GalleryImage.of(row) for row in gallery],
            room_types=[RoomType.of(row) for row in room_types],
            offers=[Offer.of(row) for row in offers],
        )


@strawberry.type
class Mutation:
    """What can be done."""

    @strawberry.mutation
    async def toggle_clock(self, info: strawberry.Info) -> ClockResult:
        """Clock the caller in when off duty, out when on duty."""
        session: AsyncSession = info.context["session"]
        at = datetime.now(UTC)
        caller = await _authenticate(session, info.context["request"], at)
        hotel = (
            await session.exec(
                select(models.Hotel).where(models.Hotel.id == caller.hotel_id).with_for_update()
            )
        ).one()
        staff = (await session.exec(select(models.Staff).where(models.Staff.id == caller.id))).one()
        if staff.is_on_duty:
            action = catalogue.ClockAction.CLOCK_OUT
            shift = (
                await session.exec(
                    select(models.Shift).where(
                        models.Shift.staff_id == staff.id, col(models.Shift.clock_out).is_(None)
                    )
                )
            ).one()
            shift.clock_out = staff.last_clock_out = at
        else:
            action = catalogue.ClockAction.CLOCK_IN
            session.add(models.Shift(staff_id=staff.id, clock_in=at))
            staff.last_clock_in = at
        staff.is_on_duty = not staff.is_on_duty
        hotel.seq += 1
        session.add(_event(hotel, staff, action, at))
        await session.commit()
        return ClockResult(
            staff=Staff(
                id=strawberry.ID(str(staff.id)),
                first_name=staff.first_name,
                last_name=staff.last_name,
                is_on_duty=staff.is_on_duty,
            ),
            action=action,
            clock_time=at,
        )


def _chosen(shown: type, row: SQLModel) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shown.__annotations__}


async def _authenticate(session: AsyncSession, request: Request, at: datetime) -> models.Staff:
    token = request.headers["authorization"].removeprefix("Token ")
    statement = (
        select(models.Staff)
        .join(models.LoginSession, col(models.LoginSession.staff_id) == models.Staff.id)
        .join(models.User, col(models.User.id) == models.Staff.user_id)
        .where(
            models.LoginSession.token_hash == hashlib.sha256(token.encode()).hexdigest(),
            col(models.LoginSession.expires_at) > at,
            col(models.User.is_active),
        )
    )
    return (await session.exec(statement)).one()


def _event(
    hotel: models.Hotel, staff: models.Staff, action: catalogue.ClockAction, at: datetime
) -> models.EventRecord:
    happened = catalogue.ClockStatusUpdated(
        user_id=staff.user_id,
        staff_id=staff.id,
        is_on_duty=staff.is_on_duty,
        clock_time=at,
        first_name=staff.first_name,
        last_name=staff.last_name,
        action=action,
    )
    return models.EventRecord(
        hotel_id=hotel.id,
        seq=hotel.seq,
        type="ClockStatusUpdated",
        data=happened.model_dump_json(),
        occurred_at=at,
    )


def _engine(url: str, connections: int) -> AsyncEngine:
    pool = {"pool_size": connections, "max_overflow": 0}
    if not url.startswith("sqlite"):
        return create_async_engine(url.replace("+psycopg", "+asyncpg"), **pool)
    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"), **pool)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine


def _application(url: str, connections: int) -> FastAPI:
    engine = _engine(url, connections)

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as opened:
            yield opened

    async def context(
        request: Request, opened: Annotated[AsyncSession, Depends(session)]
    ) -> dict[str, object]:
        return {"request": request, "session": opened}

    application = FastAPI()
    schema = strawberry.Schema(query=Query, mutation=Mutation)
    application.include_router(GraphQLRouter(schema, context_getter=context), prefix="/graphql")
    return application


async def _publish_nothing() -> None:
    """Stand in for events, of which this server knows none."""


if __name__ == "__main__":
    serve(_application(sys.argv[1], int(sys.argv[2])), _publish_nothing)
