"""The clock that staff stamp in and out at."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request

from hotelmate.database import Database, Transaction
from hotelmate.resolvers.clocking import toggle_clock
from hotelmate.rest.admission import Admission
from hotelmate.rest.answers import Clocked
from hotelmate.rest.doors import Doors, Slug


class ClockDoors:
    """Stamps staff in and out."""

    def __init__(self, database: Database, admit: Admission) -> None:
        self._database = database
        self._admit = admit

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "clock", staff_only=True)
        doors.door("POST", "/api/staff/{slug}/clock/", self.clock, refuses=(401, 403))

    async def clock(self, request: Request, slug: Slug) -> Clocked:
        """Go off duty when on duty, and on duty when not."""
        staff = await self._admit(request, slug)

        def stamp(transaction: Transaction) -> Clocked:
            clocked = toggle_clock(transaction, staff, at=datetime.now(UTC))
            return Clocked(success=True, is_on_duty=clocked.staff.is_on_duty, clock_time=clocked.clock_time)

        return await self._database.write(stamp)
