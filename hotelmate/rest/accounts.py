"""Logging in."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate.database import Database
from hotelmate.identity.rates import Rates
from hotelmate.resolvers.accounts import log_in
from hotelmate.resolvers.hotels import hotels_by_id
from hotelmate.rest.answers import LoggedIn
from hotelmate.rest.bodies import Bodies
from hotelmate.rest.callers import address
from hotelmate.rest.doors import Doors
from hotelmate.rest.inputs import read
from hotelmate.rest.openapi import as_json, request_body


class Credentials(TypedDict):
    """Who somebody is, and the proof."""

    username: str
    password: str


_CREDENTIALS = TypeAdapter(Credentials)


class AccountDoors:
    """Opens sessions for staff."""

    def __init__(
        self, database: Database, bodies: Bodies, rates: Rates, *, session_lifetime: timedelta
    ) -> None:
        self._database = database
        self._bodies = bodies
        self._rates = rates
        self._session_lifetime = session_lifetime

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router."""
        doors = Doors(router, "accounts")
        body = request_body(as_json(_CREDENTIALS, {"username": "anna", "password": "demo"}))
        doors.door("POST", "/api/staff/login/", self.log_in, takes=body, refuses=(400, 401, 413, 415))

    async def log_in(self, request: Request) -> LoggedIn:
        """Begin a session; its token opens all the doors for staff."""
        credentials = read(_CREDENTIALS, (await self._bodies.read(request)).fields)

        def begin() -> LoggedIn:
            session = log_in(
                self._database,
                **credentials,
                allowance=self._rates.of_address(address(request)),
                lifetime=self._session_lifetime,
                at=datetime.now(UTC),
            )
            staff = session.staff
            with self._database.reading() as reading:
                hotel = hotels_by_id(reading, [staff.hotel_id])[staff.hotel_id]
            return LoggedIn(
                token=session.token,
                expires_at=session.expires_at,
                staff_id=staff.id,
                user_id=staff.user_id,
                hotel_slug=hotel.slug,
            )

        return await self._database.run(begin)
