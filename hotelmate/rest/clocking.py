"""The clock that staff stamp in and out at."""

from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request

from hotelmate.resolvers import clocking
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import Clocked
from hotelmate.rest.changes import Changes
from hotelmate.rest.doors import Doors, Slug


class ClockDoors:
    """Stamps staff in and out."""

    def __init__(self, admit: Admission, changes: Changes) -> None:
        self._admit = admit
        self._changes = changes

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "clock", staff_only=True)
        doors.door("POST", "/api/staff/{slug}/clock/", self.clock, refuses=(401, 403))

    async def clock(self, request: Request, slug: Slug) -> Clocked:
        """Go off duty when on duty, and on duty when not."""
        staff = await self._admit(request, slug)

        change = await self._changes.begin(request, staff, clocking.Clocked)
        stamp = partial(clocking.toggle_clock, actor=staff, at=datetime.now(UTC))
        clocked = (await change.make(stamp)).value
        return Clocked(success=True, is_on_duty=clocked.staff.is_on_duty, clock_time=clocked.clock_time)
