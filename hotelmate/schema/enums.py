"""The enumerations of the tables and of the event log, as GraphQL shows them: by their members' names."""

from typing import Annotated

import strawberry

from hotelmate import models
from hotelmate.events import catalogue

BookingStatus = Annotated[models.BookingStatus, strawberry.enum(description="Where a booking stands.")]
ThemeMode = Annotated[models.ThemeMode, strawberry.enum(description="How a public page is coloured.")]
AuditAction = Annotated[models.AuditAction, strawberry.enum(description="What somebody did.")]
AuditActor = Annotated[
    models.AuditActor,
    strawberry.enum(description="What kind of caller; the operator is whoever runs the server."),
]
ClockAction = Annotated[catalogue.ClockAction, strawberry.enum(description="What was done at the clock.")]
