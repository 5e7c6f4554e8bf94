"""A limit on how many connections each address or caller may hold, so that one cannot take them all."""

import time
from collections import Counter
from collections.abc import Hashable

import structlog

_SECONDS_BETWEEN_LINES = 60.0

logger = structlog.get_logger(__name__)


class NoPlaceError(Exception):
    """Whoever asks holds as many connections already as one may."""


class Places:
    """Counts who holds how many connections to this process. Lives on the event loop's thread."""

    def __init__(self, name: str, most: int | None) -> None:
        """Begin with nobody.

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
        """How many different holders there are."""
        return len(self._held)

    def take(self, who: Hashable | None) -> "Place":
        """Take a place for `who`; it is given back at the end of the `with` block that it is used for.

        None, for somebody who cannot be told from others, is not counted.

        Raises:
            NoPlaceError: `who` has no more.
        """
        if who is not None and self._most is not None:
            if self._held[who] >= self._most:
                self._tell()
                raise NoPlaceError
            self._held[who] += 1
        return Place(self._held, who)

    def _tell(self) -> None:
        """Log the refusal, at most once a minute: how many there are is up to those who are refused."""
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
        """Do nothing: it has been held since it was taken."""

    def __exit__(self, *_: object) -> None:
        if self._who in self._held:
            self._held[self._who] -= 1
            if not self._held[self._who]:
                del self._held[self._who]
