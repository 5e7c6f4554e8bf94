"""How long the bridge's steps may take, and how long it waits between attempts."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, or_
from sqlalchemy.orm import Mapped

FURTHEST_AHEAD = timedelta(minutes=5)
"""Nothing is ever put off for longer, whatever a receiver asks for."""

# To note what an answer was.
_NOTING_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What can be tuned, in seconds. A pause is drawn between half of what is said and all of it.

    When a process dies, others take its hotels over once the leases have run out and they have polled. So a
    lease is short, and renewed before any request that could outlast it. It is kept for `keep_seconds` after
    a hotel's last event.
    """

    lease_seconds: float = 8
    send_seconds: float = 5
    keep_seconds: float = 0.5
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 30
    poll_seconds: float = 1
    stop_seconds: float = 5

    def lease_until(self, at: datetime) -> datetime:
        """Return when a lease that is taken or renewed now runs out."""
        return at + timedelta(seconds=self.lease_seconds)

    def outlasts_a_request(self, until: datetime, at: datetime) -> bool:
        """Whether a lease that runs out then covers a request that is made now."""
        return until - at >= timedelta(seconds=self.send_seconds + _NOTING_SECONDS)

    def pause_after(self, attempts: int, *, at_least_seconds: float) -> timedelta:
        """Return how long to wait after so many attempts in a row have failed."""
        # The exponent is held down because a float overflows.
        return self._pause(self.first_pause_seconds * 2.0 ** min(attempts - 1, 60), at_least_seconds)

    def pause_as_long_again(self, waited: timedelta, *, at_least_seconds: float) -> timedelta:
        """Return how long to wait for what has waited so long already; this doubles without a counter."""
        return self._pause(max(waited.total_seconds(), self.first_pause_seconds), at_least_seconds)

    def _pause(self, seconds: float, at_least_seconds: float) -> timedelta:
        # By chance, so that those who failed together do not come back together.
        spread = min(seconds, self.longest_pause_seconds) * random.uniform(0.5, 1)  # noqa: S311 - no secret
        return timedelta(seconds=min(max(spread, at_least_seconds), FURTHEST_AHEAD.total_seconds()))


Moment = ColumnElement[datetime | None] | Mapped[datetime | None]
Time = datetime | BindParameter[datetime]


def furthest_ahead(at: datetime) -> datetime:
    """Return the time that nothing is put off past."""
    return at + FURTHEST_AHEAD


def has_come(moment: Moment, at: Time, furthest: Time) -> ColumnElement[bool]:
    """Whether a time that something was put off to has come, as a condition for the database."""
    # Further ahead than anything is put off to means that the clock has been set back since.
    return or_(moment.is_(None), moment <= at, moment > furthest)
