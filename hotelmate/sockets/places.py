"""So many connections for each, and no more: one that takes them all would leave none to others."""

import time
from collections import Counter
from collections.abc import Hashable

import structlog

_SECONDS_BETWEEN_LINES = 60.0

logger = structlog.get_logger(__name__)


class NoPlaceError(Exception):
    """Whoever asks holds as many places as one may."""


class Places:
    """Who holds how many, in this process. Lives on the event loop's thread."""

    def __init__(self, name: str, most: int | None) -> None:
        """Have places.

        Args:
            name: what the log calls those who are counted.
            most: how many each may hold; None for any number.
        """
        self._name = name
        self._most = most
        self._held: Counter[Hashable] = Counter()
        self._told_at: float | None = None

    @property
    def holders(self) -> int:
        """How many there are that hold places."""
        return len(self._held)

    def take(self, who: Hashable | None) -> "Place":
        """Take a place, and leave it with the block that it is given to.

        Who cannot be told from others (None) is not counted.

        Raises:
            NoPlaceError: there is none.
        """
        if who is not None and self._most is not None:
            if self._held[who] >= self._most:
                self._tell()
                raise NoPlaceError
            self._held[who] += 1
        return Place(self._held, who)

    def _tell(self) -> None:
        """Write it down, now and then: how often it happens is up to those who are refused."""
        now = time.monotonic()
        if self._told_at is None or now - self._told_at >= _SECONDS_BETWEEN_LINES:
            self._told_at = now
            logger.warning("connections_refused", per=self._name, most=self._most)


class Place:
    """A place that is held until the end of its block. Thousands are held at once, so it is small."""

    __slots__ = ("_held", "_who")

    def __init__(self, held: Counter[Hashable], who: Hashable | None) -> None:
        self._held = held
        self._who = who

    def __enter__(self) -> None:
        """Go on holding it."""

    def __exit__(self, *_: object) -> None:
        if self._who in self._held:
            self._held[self._who] -= 1
            if not self._held[self._who]:
                del self._held[self._who]
