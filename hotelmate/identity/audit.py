"""Who did what, from where and when: written in the transaction of what it tells of.

An entry is there exactly when what it tells of was committed; one of a log-in that failed is by itself. It
holds no secret: names of what was changed and not what it was changed to, no token, and a user name only if
somebody has it, since what people type there by mistake is their password.
"""

from datetime import UTC, datetime, timedelta

import structlog
from sqlmodel import col, delete

from hotelmate.database import Database, Transaction
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.models import AuditAction, AuditActor, AuditEntry
from hotelmate.telemetry import origins

logger = structlog.get_logger(__name__)

OPERATOR = None
"""Whoever runs the server, at its command line, where nobody logs in."""


def record(
    transaction: Transaction,
    action: AuditAction,
    actor: Actor | None,
    *,
    hotel_id: int | None,
    subject: str | None = None,
    staff_id: int | None = None,
) -> None:
    """Write down what is being done; where it comes from is known (`telemetry.origins`).

    Args:
        transaction: what does it.
        action: what.
        actor: who; None is the operator.
        hotel_id: whose staff may read it; None when it is of no hotel.
        subject: what it is done to, by its name.
        staff_id: who of the staff it is, if they have only just proved it.
    """
    origin = origins.current()
    transaction.add(
        AuditEntry(
            hotel_id=hotel_id,
            occurred_at=datetime.now(UTC),
            action=action,
            actor=_kind(actor) if staff_id is None else AuditActor.STAFF,
            staff_id=actor.staff_id if isinstance(actor, StaffActor) else staff_id,
            subject=subject,
            address=None if origin is None else origin.address,
            request_id=None if origin is None else origin.request_id,
        )
    )


async def prune(database: Database, *, keep: timedelta) -> None:
    """Remove what has been kept for long enough."""
    before = datetime.now(UTC) - keep

    def remove(transaction: Transaction) -> int:
        removed = transaction.exec(delete(AuditEntry).where(col(AuditEntry.occurred_at) < before))
        return int(removed.rowcount)

    entries = await database.write(remove)
    if entries:
        logger.info("audit_pruned", entries=entries, before=before.isoformat())


def _kind(actor: Actor | None) -> AuditActor:
    match actor:
        case StaffActor():
            return AuditActor.STAFF
        case GuestActor():
            return AuditActor.GUEST
        case Anonymous():
            return AuditActor.ANONYMOUS
        case None:
            return AuditActor.OPERATOR
