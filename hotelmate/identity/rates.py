"""Rate limits for what is costly or worth guessing at, by caller and by address.

They are counted in Redis where there is one, so that all processes count together, and else in memory; also
while Redis is away, since a counter that cannot be reached is no reason to refuse anybody.
"""

import math
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Self

import structlog
from limits import RateLimitItem, parse_many
from limits.storage import RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from hotelmate.errors import RateLimited
from hotelmate.identity.actors import Actor, GuestActor, StaffActor
from hotelmate.identity.counts import CountsInMemory
from hotelmate.settings import Settings
from hotelmate.sockets.addresses import network_of

# How much wider the limits are for one address with any name, and for one name from any address: who exceeds
# these is not somebody who mistypes.
_WIDER = 10
_REDIS_SECONDS = 0.5
_PAUSE_SECONDS = 5.0
_AWAY = (RedisError, OSError)

logger = structlog.get_logger(__name__)


class Action(StrEnum):
    """What is counted."""

    LOG_IN = "log-in"
    BOOKING = "booking"
    UPLOAD = "upload"
    CHANGE = "change"


class Rates:
    """The counters of the whole installation. Any thread may use them."""

    def __init__(self, rates: Mapping[Action, str], *, redis_url: str | None = None, key: str) -> None:
        """Prepare to count.

        Args:
            rates: how often each action may be done, as `limits` writes it ("5/minute;30/hour"), the shortest
                time first; an action that is not named may be done without end.
            redis_url: where to count together with others.
            key: what the names of the counters there begin with.
        """
        self._items = {action: sorted(parse_many(rate)) for action, rate in rates.items()}
        self._here = SlidingWindowCounterRateLimiter(CountsInMemory())
        self._together = None if redis_url is None else _counting_in(redis_url, key)
        self._away_until = 0.0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the rates that are set."""
        rates = {
            Action.LOG_IN: settings.log_in_rate,
            Action.BOOKING: settings.booking_rate,
            Action.UPLOAD: settings.upload_rate,
            Action.CHANGE: settings.change_rate,
        }
        return cls(
            {action: rate for action, rate in rates.items() if rate is not None},
            redis_url=settings.redis_url,
            key=f"hotelmate:{settings.derived_key('rates').hex()[:16]}",
        )

    def of_address(self, address: str | None) -> "Allowance":
        """Return what whoever calls from an address may still do; None where connections have none."""
        return Allowance(self, "local" if address is None else network_of(address))

    def spend(self, action: Action, *who: str, times_as_much: int = 1) -> None:
        """Count an action once more; `times_as_much` widens its limits.

        Raises:
            RateLimited: it has been done too often; it is not counted then.
        """
        for item in self._items.get(action, ()):
            wider = type(item)(item.amount * times_as_much, item.multiples)
            wait = self._counted(wider, action, *who)
            if wait is not None:
                raise RateLimited(retry_after=wait)

    def forgive(self, action: Action, *who: str) -> None:
        """Forget what has been counted."""
        for item in self._items.get(action, ()):
            for limiter in self._limiters():
                try:
                    limiter.clear(item, action, *who)
                except _AWAY as error:
                    self._leave_redis_alone(error)

    def _counted(self, item: RateLimitItem, *key: str) -> int | None:
        """Count and return None; at the limit, return in how many seconds to come back instead."""
        for limiter in self._limiters():
            try:
                if limiter.hit(item, *key):
                    return None
                resets_at = limiter.get_window_stats(item, *key).reset_time
                return max(1, math.ceil(resets_at - time.time()))
            except _AWAY as error:
                self._leave_redis_alone(error)
        return None

    def _limiters(self) -> Sequence[SlidingWindowCounterRateLimiter]:
        """Return what to count with, the best first."""
        if self._together is None or time.monotonic() < self._away_until:
            return (self._here,)
        return (self._together, self._here)

    def _leave_redis_alone(self, error: Exception) -> None:
        logger.warning("counting_alone", error=str(error) or type(error).__name__)
        self._away_until = time.monotonic() + _PAUSE_SECONDS


class Allowance:
    """What one address may still do."""

    def __init__(self, rates: Rates, address: str) -> None:
        self._rates = rates
        self._address = address

    def spend_log_in(self, username: str) -> None:
        """Count an attempt to log in, by whatever outcome.

        Raises:
            RateLimited: too many of this name from this address, or of either.
        """
        name = username.casefold()
        self._rates.spend(Action.LOG_IN, "both", name, self._address)
        self._rates.spend(Action.LOG_IN, "address", self._address, times_as_much=_WIDER)
        self._rates.spend(Action.LOG_IN, "name", name, times_as_much=_WIDER)

    def forgive_log_in(self, username: str) -> None:
        """Forget the attempts of whoever has logged in after all."""
        self._rates.forgive(Action.LOG_IN, "both", username.casefold(), self._address)

    def spend_booking(self, actor: Actor) -> None:
        """Count a booking that is made by anybody but staff, who are counted as such.

        Raises:
            RateLimited: too many from this address.
        """
        if not isinstance(actor, StaffActor):
            self._rates.spend(Action.BOOKING, self._address)

    def spend_upload(self) -> None:
        """Count a picture.

        Raises:
            RateLimited: too many from this address.
        """
        self._rates.spend(Action.UPLOAD, self._address)

    def spend_change(self, actor: Actor) -> None:
        """Count a change, whatever it is.

        Raises:
            RateLimited: too many by this actor, or from this address by nobody known.
        """
        match actor:
            case StaffActor(staff_id=staff_id):
                who = ("staff", str(staff_id))
            case GuestActor(reference=reference):
                who = ("guest", reference)
            case _:
                who = ("address", self._address)
        self._rates.spend(Action.CHANGE, *who)


def _counting_in(url: str, key: str) -> SlidingWindowCounterRateLimiter:
    storage: Storage = RedisStorage(
        url,
        key_prefix=key,
        socket_timeout=_REDIS_SECONDS,
        socket_connect_timeout=_REDIS_SECONDS,
        protocol=2,
    )
    return SlidingWindowCounterRateLimiter(storage)
