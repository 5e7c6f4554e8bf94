"""Staff, the clock that they go on and off duty by, and their shifts."""

from datetime import datetime
from functools import partial
from typing import Annotated, Protocol, Self

import strawberry

from hotelmate import models
from hotelmate.database import Transaction
from hotelmate.identity.actors import Actor
from hotelmate.resolvers import clocking as operations
from hotelmate.resolvers.checks import row_id
from hotelmate.schema.enums import ClockAction
from hotelmate.schema.fields import Info, field, mutation
from hotelmate.schema.hotels import Hotel
from hotelmate.schema.paging import Connection, connection, size
from hotelmate.schema.scalars import graphql_id


@strawberry.type(description="Someone on the staff of a hotel.")
class Staff:
    row: strawberry.Private[models.Staff]
    id: strawberry.ID
    user_id: strawberry.ID
    first_name: str
    last_name: str
    is_on_duty: bool
    last_clock_in: datetime | None
    last_clock_out: datetime | None

    @classmethod
    def of(cls, row: models.Staff) -> Self:
        return cls(
            row=row,
            id=graphql_id(row.id),
            user_id=graphql_id(row.user_id),
            first_name=row.first_name,
            last_name=row.last_name,
            is_on_duty=row.is_on_duty,
            last_clock_in=row.last_clock_in,
            last_clock_out=row.last_clock_out,
        )

    @strawberry.field
    def hotel(self, info: Info) -> Hotel:
        return Hotel.of(info.context.loaders.hotels.load(self.row.hotel_id))


@strawberry.type(description="What happened at the clock.")
class ClockResult:
    staff: Staff
    action: ClockAction
    clock_time: datetime


@strawberry.type(description="From one clock-in to its clock-out.")
class Shift:
    row: strawberry.Private[models.Shift]
    id: strawberry.ID
    clock_in: datetime
    clock_out: datetime | None

    @classmethod
    def of(cls, row: models.Shift) -> Self:
        return cls(row=row, id=graphql_id(row.id), clock_in=row.clock_in, clock_out=row.clock_out)

    @strawberry.field
    def staff(self, info: Info) -> Staff:
        return Staff.of(info.context.loaders.staff.load(self.row.staff_id))


@strawberry.type
class ClockingQueries:
    @field("The hotel's staff, by last then first name. [staff]")
    def staff(
        self, info: Info, on_duty: bool | None = None, first: int | None = 50, after: str | None = None
    ) -> Connection[Staff]:
        page = operations.staff_page(
            info.context.reading, info.context.actor, on_duty=on_duty, first=size(first), after=after
        )
        return connection(page, Staff.of, expect=info.context.loaders.expect_staff)

    @field("Shifts, newest first. [staff]")
    def shifts(
        self,
        info: Info,
        *,
        staff_id: strawberry.ID | None = None,
        since: Annotated[datetime | None, strawberry.argument(name="from")] = None,
        until: Annotated[datetime | None, strawberry.argument(name="to")] = None,
        first: int | None = 50,
        after: str | None = None,
    ) -> Connection[Shift]:
        page = operations.shift_page(
            info.context.reading,
            info.context.actor,
            staff_id=None if staff_id is None else row_id(staff_id),
            since=since,
            until=until,
            first=size(first),
            after=after,
        )
        return connection(page, Shift.of, expect=info.context.loaders.expect_shifts)


@strawberry.type
class ClockingMutations:
    @mutation("[staff] The staff member who is logged in; CONFLICT when already on duty.")
    def clock_in(self, info: Info) -> ClockResult:
        return _clocked(info, operations.clock_in)

    @mutation("[staff] CONFLICT when not on duty.")
    def clock_out(self, info: Info) -> ClockResult:
        return _clocked(info, operations.clock_out)

    @mutation("[staff] In when off duty, out when on duty.")
    def toggle_clock(self, info: Info) -> ClockResult:
        return _clocked(info, operations.toggle_clock)


class _Clock(Protocol):
    def __call__(self, transaction: Transaction, actor: Actor, *, at: datetime) -> operations.Clocked: ...


def _clocked(info: Info, clock: _Clock) -> ClockResult:
    context = info.context
    clocked = context.change(operations.Clocked, partial(clock, actor=context.actor, at=context.now))
    return ClockResult(staff=Staff.of(clocked.staff), action=clocked.action, clock_time=clocked.clock_time)
