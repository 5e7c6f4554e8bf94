"""The enumerations of the tables and of the event log, as GraphQL shows them: by their members' names."""

from typing import Annotated

import strawberry

from hotelmate import models
from hotelmate.events import catalogue

BookingStatus = Annotated[models.BookingStatus, strawberry.enum(description="Where a booking stands.")]
ThemeMode = Annotated[models.ThemeMode, strawberry.enum(description="How a public page is coloured.")]
ClockAction = Annotated[catalogue.ClockAction, strawberry.enum(description="What was done at the clock.")]
