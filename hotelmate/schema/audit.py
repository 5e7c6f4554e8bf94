"""Who did what in the hotel."""

from datetime import datetime
from typing import Self

import strawberry

from hotelmate import models
from hotelmate.resolvers import audit as operations
from hotelmate.schema.clocking import Staff
from hotelmate.schema.enums import AuditAction, AuditActor
from hotelmate.schema.fields import Info, field
from hotelmate.schema.paging import Connection, connection, size
from hotelmate.schema.scalars import graphql_id


@strawberry.type(description="Something that was done, or a log-in that failed.")
class AuditEntry:
    row: strawberry.Private[models.AuditEntry]
    id: strawberry.ID
    occurred_at: datetime
    action: AuditAction
    actor: AuditActor
    subject: str | None = strawberry.field(
        description=(
            "What it was done to: a booking's id, a user name, an offer's id and title, a room type's code,"
            " a picture's url, or what of the settings was changed."
        )
    )
    address: str | None = strawberry.field(description="Where it came from.")
    request_id: str | None = strawberry.field(description="As the answer's X-Request-Id had it.")

    @classmethod
    def of(cls, row: models.AuditEntry) -> Self:
        return cls(
            row=row,
            id=graphql_id(row.id),
            occurred_at=row.occurred_at,
            action=row.action,
            actor=row.actor,
            subject=row.subject,
            address=row.address,
            request_id=row.request_id,
        )

    @field("Who of the staff did it.")
    def staff(self, info: Info) -> Staff | None:
        staff_id = self.row.staff_id
        return None if staff_id is None else Staff.of(info.context.loaders.staff.load(staff_id))


@strawberry.type
class AuditQueries:
    @field("Who did what in the hotel, from where and when, newest first. [staff]")
    def audit(self, info: Info, first: int | None = 50, after: str | None = None) -> Connection[AuditEntry]:
        page = operations.audit_page(info.context.reading, info.context.actor, first=size(first), after=after)
        return connection(page, AuditEntry.of, expect=info.context.loaders.expect_audit)
