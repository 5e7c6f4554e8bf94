"""Who calls, logging in and logging out."""

from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from hotelmate.identity.actors import Anonymous, GuestActor, StaffActor
from hotelmate.resolvers import accounts as operations
from hotelmate.resolvers.bookings import get_booking
from hotelmate.resolvers.clocking import staff_by_id
from hotelmate.schema.bookings import Booking
from hotelmate.schema.clocking import Staff
from hotelmate.schema.fields import Info, field, mutation


@strawberry.type(description="The holder of a booking's guest token.")
class Guest:
    booking: Booking


Viewer = Annotated[Staff | Guest, strawberry.union("Viewer", description="Whoever calls.")]


@strawberry.type(description="A log-in: send the token as `Authorization: Bearer …` until it expires.")
class Session:
    token: str
    expires_at: datetime
    staff: Staff


@strawberry.type
class AccountQueries:
    @field("Whoever the Authorization header names; null when anonymous. [public]")
    def viewer(self, info: Info) -> Viewer | None:
        reading, actor = info.context.reading, info.context.actor
        match actor:
            case StaffActor(staff_id=staff_id):
                member = staff_by_id(reading, [staff_id]).get(staff_id)
                return None if member is None else Staff.of(member)
            case GuestActor(reference=reference):
                booking = get_booking(reading, actor, reference)
                return None if booking is None else Guest(booking=Booking.of(booking))
            case Anonymous():
                return None


@strawberry.type
class AccountMutations:
    @mutation("[public]")
    def log_in(self, info: Info, username: str, password: str) -> Session:
        services = info.context.services
        logged_in = operations.log_in(
            services.database,
            username,
            password,
            allowance=info.context.allowance,
            lifetime=timedelta(hours=services.settings.session_hours),
            at=info.context.now,
        )
        return Session(
            token=logged_in.token, expires_at=logged_in.expires_at, staff=Staff.of(logged_in.staff)
        )

    @mutation("Ends the session of the token that was sent. [staff]")
    def log_out(self, info: Info) -> bool:
        with info.context.transaction() as transaction:
            operations.log_out(transaction, info.context.actor)
        return True
