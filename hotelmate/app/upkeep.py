"""Remove, at the start and every hour, what has been kept for long enough."""

from datetime import timedelta
from functools import partial

from hotelmate.database import Database
from hotelmate.events import retention
from hotelmate.events.polling import Poll
from hotelmate.idempotency import outcomes
from hotelmate.identity import audit
from hotelmate.settings import Settings

_EVERY_SECONDS = 3600.0


def polls(settings: Settings, database: Database) -> list[Poll]:
    """Return what removes old events, audit entries and answers under idempotency keys.

    The first time is at the start: not every process runs for an hour. Several may do it at once.
    """
    made = [
        Poll(work, every_seconds=_EVERY_SECONDS)
        for work in (
            partial(retention.prune, database, keep=timedelta(days=settings.event_retention_days)),
            partial(audit.prune, database, keep=timedelta(days=settings.audit_retention_days)),
            partial(outcomes.prune, database),
        )
    ]
    for poll in made:
        poll.soon()
    return made
